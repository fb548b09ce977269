"""The client is a package that installs by itself: built, installed elsewhere, and used without anything of Recoup."""

import os
import subprocess
import sys
from email.parser import Parser
from pathlib import Path

import pytest

from tools.environment import _pip

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parents[2] / "clients" / "python"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the client in it, as pip puts it there."""
    place = tmp_path_factory.mktemp("installed")
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place / "wheels")], cwd=HERE)
    (wheel,) = (place / "wheels").glob("recoup_client-*.whl")
    _run(
        [*_pip(), "install", "--quiet", "--no-index", "--no-deps", "--target", str(place / "site"), str(wheel)],
        cwd=place,
    )
    return place / "site"


def test_it_says_what_it_is_and_needs_little(installed):
    (about,) = installed.glob("recoup_client-*.dist-info")
    told = Parser().parsestr((about / "METADATA").read_text())

    assert (told["Name"], told["License-Expression"]) == ("recoup-client", "Apache-2.0")
    assert told.get_all("Requires-Dist") == ["urllib3<3,>=2.2"]
    assert (installed / "recoup_client" / "py.typed").exists()
    assert any(about.rglob("LICENSE"))
    assert "A first refund" in told.get_payload()


def test_it_works_without_recoup_beside_it(installed, tmp_path):
    code = (
        "import recoup_client, sys; client = recoup_client.Recoup(api_key='rk_x');"
        "print(client, recoup_client.__file__.startswith(sys.argv[1]), {'recoup', 'django'} & set(sys.modules))"
    )
    answer = _run([sys.executable, "-c", code, str(installed)], cwd=tmp_path, PYTHONPATH=str(installed))
    assert answer.split() == ["Recoup(http://127.0.0.1:8000)", "True", "set()"]


def test_its_users_get_its_types(installed, tmp_path):
    (tmp_path / "shop.py").write_text(
        "from recoup_client import Recoup\n"
        "with Recoup(api_key='rk_x') as recoup:\n"
        "    refund = recoup.refunds.create(order_number='1', reason='because')\n"
        "    amount: str = refund.amount_minor\n"
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir",
        str(tmp_path / "cache"),
        "shop.py",
    ]
    told = _run(command, cwd=tmp_path, code=1, MYPYPATH=str(installed))

    assert 'Argument "reason"' in told
    assert 'expression has type "int", variable has type "str"' in told
    assert told.strip().endswith("Found 2 errors in 1 file (checked 1 source file)")


def _run(command, *, cwd, code=0, **environment):
    finished = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert finished.returncode == code, finished.stdout + finished.stderr
    return finished.stdout
