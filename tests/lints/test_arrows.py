"""The import contracts of pyproject.toml, on a small house: it keeps them as it stands, and not with a wrong import."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
MODULES = (
    "recoup/kernel/money", "recoup/events/moves", "recoup/access/row_security", "recoup/ledger/queries",
    "recoup/orders/queries", "recoup/payments/transactional", "recoup/refunds/policy", "recoup/refunds/actions/approve",
    "recoup/web/pages", "recoup/api/assembly", "recoup/config/urls", "recoup_vault/rails", "recoup_sandbox/provider",
)  # fmt: skip
FINE = {
    "recoup/config/urls": "from recoup.web import pages\nimport django",
    "recoup/web/pages": "from recoup.refunds import actions",
    "recoup/refunds/actions/approve": "from recoup.payments import transactional",
    "recoup/events/migrations/0002_rows_belong_to_tenants": "from recoup.access import row_security",
    "recoup_vault/rails": "from recoup.kernel import money\nimport stripe",
    "recoup_sandbox/provider": "from recoup.kernel import money",
}

pytestmark = pytest.mark.slow


@pytest.fixture
def verdict(tmp_path):
    """Writes the small house with some of its modules replaced, and tells what import-linter says of it."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    def judge(**changed):
        for name, text in {**dict.fromkeys(MODULES, ""), **FINE, **changed}.items():
            file = tmp_path / "src" / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            for folder in file.relative_to(tmp_path / "src").parents[:-1]:
                (tmp_path / "src" / folder / "__init__.py").touch()
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "NO_COLOR": "1"}
        return subprocess.run(
            [LINT_IMPORTS, "--no-logo", "--no-cache"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return judge


def test_a_house_in_order_keeps_every_contract(verdict):
    said = verdict()

    assert said.returncode == 0, said.stdout + said.stderr
    assert str(ROOT) not in said.stdout
    assert "0 broken" in said.stdout


@pytest.mark.parametrize(
    ("module", "text", "contract"),
    [
        ("recoup/payments/transactional", "from recoup.refunds import policy", "Imports point down"),
        ("recoup/ledger/queries", "from recoup.orders import queries", "Imports point down"),
        ("recoup/web/pages", "from recoup.api import assembly", "Imports point down"),
        ("recoup/surprises/queries", "", "Imports point down"),
        ("recoup_vault/rails", "from recoup.ledger import queries", "vault knows nothing"),
        ("recoup_vault/rails", "import django", "vault knows nothing"),
        ("recoup/config/urls", "import recoup_sandbox", "never imports the practice world"),
        ("recoup_sandbox/provider", "from recoup.web import pages", "practice world knows nothing"),
        ("recoup/payments/transactional", "import recoup_vault", "never imports the vault"),
        ("recoup/refunds/policy", "from django.utils import timezone", "are arithmetic"),
        ("recoup/kernel/money", "import psycopg", "are arithmetic"),
    ],
)
def test_a_wrong_import_breaks_its_contract(verdict, module, text, contract):
    said = verdict(**{module: text})

    assert said.returncode == 1, said.stdout + said.stderr
    broken = [line for line in said.stdout.splitlines() if "BROKEN" in line]
    assert any(contract in line for line in broken), said.stdout
