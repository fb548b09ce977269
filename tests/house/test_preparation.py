"""Migrations are skipped only while nothing that they depend on has changed."""

import shutil

import psycopg
import pytest

from recoup.config import preparation, roles
from recoup.config.house import PROJECT
from recoup.config.private_house import PrivateHouse
from recoup.config.refusals import MigrationFailed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house():
    with PrivateHouse(programs=()) as house:
        yield house


@pytest.fixture
def source(tmp_path):
    """A copy of what decides what there is to migrate, to change it without touching the project."""
    (tmp_path / "requirements").mkdir()
    shutil.copy(PROJECT / "requirements" / "run.lock", tmp_path / "requirements")
    for migration in (PROJECT / "src").glob("**/migrations/*.py"):
        copy = tmp_path / migration.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(migration, copy)
    return tmp_path


def migrate(house, source=PROJECT):
    return preparation.migrate(house.house, owner_url=house.database_url("owner"), source=source)


def test_the_house_opened_migrated_and_the_owner_owns_every_table(house):
    assert "migrated the database" in house.told
    with psycopg.connect(house.database_url("owner")) as connection:
        owners = connection.execute("SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'")
        assert owners.fetchall() == [("recoup_owner",)]


def test_the_second_time_there_is_nothing_to_do(house):
    migrate(house)
    assert migrate(house) is False


def test_a_changed_migration_or_library_is_noticed(house, source):
    migrate(house)
    assert migrate(house, source) is False, "the same files elsewhere are the same"
    with (source / "requirements" / "run.lock").open("a") as lock:
        lock.write("# another version\n")
    assert migrate(house, source) is True
    (source / "src" / "recoup" / "refunds" / "migrations" / "9999_new.py").write_text("")
    assert migrate(house, source) is True


def test_a_database_that_was_replaced_is_migrated_again(house):
    migrate(house)
    house.drop_database(roles.DATABASE)
    house.create_database(roles.DATABASE)
    assert migrate(house) is True
    with psycopg.connect(house.database_url("owner")) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)


def test_a_migration_that_fails_is_quoted():
    broken = {"owner": {"DJANGO_SETTINGS_MODULE": "recoup.config.no_such_settings"}}
    with (
        pytest.raises(MigrationFailed, match=r"(?s)could not be migrated.*no_such_settings"),
        PrivateHouse(programs=(), program_settings=broken),
    ):
        pytest.fail("the house must not open")
