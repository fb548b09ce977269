"""Migrations are complete, run from nothing, and are safe while people are asking for refunds.

Their names and their line are a house rule (tools/lints/migrations.py).
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recoup.config.private_house import PrivateHouse

ROOT = Path(__file__).resolve().parents[2]
SQUAWK = Path(sys.executable).parent / "squawk"


@pytest.fixture(scope="module")
def owner():
    """Runs a Django command or a module as the owner of an empty database; gives what it printed."""
    with PrivateHouse(cluster_only=True) as house:
        environment = house.environment("owner")

        def run(*arguments):
            return subprocess.run(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )

        yield run


@pytest.fixture(scope="module")
def migrations(owner, tmp_path_factory):
    """One file of SQL for each migration."""
    show = "from tests.migrations import sql_of_migrations; sql_of_migrations.show()"
    printed = owner("recoup.config.manage", "shell", "--no-imports", "--command", show)
    assert printed.returncode == 0, printed.stderr
    folder = tmp_path_factory.mktemp("sql")
    for name, sql in json.loads(printed.stdout).items():
        (folder / f"{name}.sql").write_text(sql)
    return folder


def test_every_change_of_a_model_has_its_migration(owner):
    answer = owner("recoup.config.manage", "makemigrations", "--check", "--dry-run")

    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_an_empty_database_becomes_ready_and_stays_so(owner):
    first = owner("recoup.config.manage", "migrate", "--verbosity=1")
    assert first.returncode == 0, first.stdout + first.stderr

    again = owner("recoup.config.manage", "migrate", "--check")
    assert again.returncode == 0, again.stdout + again.stderr


def test_no_migration_stops_people_who_are_asking_for_refunds(migrations):
    """Settings and reasons are in .squawk.toml."""
    files = sorted(str(path) for path in migrations.glob("*.sql"))
    checked = subprocess.run([SQUAWK, "--reporter=gcc", *files], cwd=ROOT, capture_output=True, text=True, check=False)

    assert files
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_check_would_find_a_migration_that_does(tmp_path):
    dangerous = tmp_path / "dangerous.sql"
    dangerous.write_text(
        "BEGIN;\nALTER TABLE refunds_case ADD CONSTRAINT positive CHECK (amount_minor > 0);\nCOMMIT;\n"
    )

    checked = subprocess.run(
        [SQUAWK, "--reporter=gcc", str(dangerous)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 1
    assert "constraint-missing-not-valid" in checked.stdout + checked.stderr
