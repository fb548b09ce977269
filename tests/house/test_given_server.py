"""A server of the operator's, by DATABASE_URL: what is made there, what is refused, and what an administrator is told.

The operator's server is played by a cluster of its own, in which nothing of Recoup was made.
"""

import os
import signal
import subprocess
import sys

import psycopg
import pytest

from recoup.config import house_secrets, ports, roles
from recoup.config.cluster import Cluster
from recoup.config.house import PROJECT, House
from recoup.config.house_secrets import PROGRAM_ROLES
from recoup.config.processes import stop_group, wait_until
from recoup.config.refusals import RolesInUse, ServerUnusable
from recoup.config.running import with_credentials
from tests.house.conftest import processes_of

pytestmark = pytest.mark.slow

PASSWORDS = house_secrets.generate().passwords


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    cluster = Cluster(
        directory=directory / "postgres",
        log=directory / "log",
        port=ports.free_port(),
        superuser_password="administrator",
        is_durable=False,
    )
    cluster.initialise()
    process = cluster.spawn()
    assert wait_until(cluster.is_ready, seconds=20)
    yield cluster
    stop_group(process, first=signal.SIGQUIT, seconds=10)


@pytest.fixture
def administrator(server):
    """The server as an administrator would hand it over: a user `shop` that owns an empty database `shop`."""
    with server.connect("postgres") as connection:
        connection.execute("CREATE ROLE shop LOGIN CREATEROLE PASSWORD 'shop'")
        connection.execute("CREATE DATABASE shop OWNER shop")
        yield connection
        connection.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        connection.execute("DROP DATABASE IF EXISTS other WITH (FORCE)")
        for role in (*PROGRAM_ROLES, "shop"):
            connection.execute(f"DROP ROLE IF EXISTS {role}")


def url(server, database="shop"):
    return f"postgresql://shop:shop@127.0.0.1:{server.port}/{database}"


def enter(server, role, passwords, database="shop"):
    entered = with_credentials(url(server, database), user=role, password=passwords[role])
    with psycopg.connect(entered) as connection:
        return connection.execute("SELECT current_user::text").fetchone()[0]


def test_the_roles_are_made_and_only_they_may_enter(server, administrator):
    roles.Server(url(server)).furnish(passwords=PASSWORDS)

    assert [enter(server, role, PASSWORDS) for role in PROGRAM_ROLES] == list(PROGRAM_ROLES)
    administrator.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            enter(server, "stranger", {"stranger": "stranger"})
    finally:
        administrator.execute("DROP ROLE stranger")


def test_the_second_start_changes_nothing(server, administrator):
    roles.Server(url(server)).furnish(passwords=PASSWORDS)
    verifiers = administrator.execute("SELECT rolpassword FROM pg_authid ORDER BY rolname").fetchall()
    roles.Server(url(server)).furnish(passwords=PASSWORDS)
    assert administrator.execute("SELECT rolpassword FROM pg_authid ORDER BY rolname").fetchall() == verifiers


def test_a_new_data_directory_takes_over_an_earlier_database(server, administrator):
    roles.Server(url(server)).furnish(passwords=PASSWORDS)
    others = house_secrets.generate().passwords
    roles.Server(url(server)).furnish(passwords=others)
    assert enter(server, "recoup_web", others) == "recoup_web"


def test_the_roles_of_a_connected_recoup_are_not_taken_over(server, administrator):
    roles.Server(url(server)).furnish(passwords=PASSWORDS)
    entered = with_credentials(url(server), user="recoup_vault", password=PASSWORDS["recoup_vault"])
    with psycopg.connect(entered), pytest.raises(RolesInUse, match="recoup_vault"):
        roles.Server(url(server)).furnish(passwords=house_secrets.generate().passwords)
    assert enter(server, "recoup_vault", PASSWORDS) == "recoup_vault"


def test_without_the_right_to_make_roles_the_administrator_gets_sql_that_works(server, administrator):
    administrator.execute("ALTER ROLE shop NOCREATEROLE")
    with pytest.raises(ServerUnusable, match="CREATEROLE") as refusal:
        roles.Server(url(server)).furnish(passwords=PASSWORDS)
    statements = [line.strip() for line in str(refusal.value).splitlines() if line.startswith("  CREATE ROLE")]
    assert len(statements) == len(PROGRAM_ROLES)
    assert not any(password in str(refusal.value) for password in PASSWORDS.values()), "verifiers, not passwords"

    for statement in statements:
        administrator.execute(statement)
    roles.Server(url(server)).furnish(passwords=PASSWORDS)
    assert enter(server, "recoup_worker", PASSWORDS) == "recoup_worker"


def test_a_user_who_does_not_own_the_database_is_told_how_to(server, administrator):
    administrator.execute("CREATE DATABASE other")
    with pytest.raises(ServerUnusable, match='ALTER DATABASE "other" OWNER TO "shop"'):
        roles.Server(url(server, "other")).furnish(passwords=PASSWORDS)


def test_a_user_who_does_not_own_the_schema_is_told_how_to(server, administrator):
    with server.connect("shop") as connection:
        connection.execute("ALTER SCHEMA public OWNER TO postgres")
    with pytest.raises(ServerUnusable, match='ALTER SCHEMA public OWNER TO "shop"'):
        roles.Server(url(server)).furnish(passwords=PASSWORDS)


@pytest.mark.parametrize(
    "wrong", ["postgresql://shop:wrong@127.0.0.1:{port}/shop", "postgresql://127.0.0.1:1/shop", "x"]
)
def test_a_server_out_of_reach_is_named_without_its_password(server, administrator, wrong):
    with pytest.raises(ServerUnusable) as refusal:
        roles.Server(wrong.format(port=server.port)).furnish(passwords=PASSWORDS)
    assert "DATABASE_URL" in str(refusal.value)
    assert "wrong" not in str(refusal.value)


def test_up_uses_the_server_and_brings_no_cluster_of_its_own(server, administrator, tmp_path, free_port):
    data_dir = tmp_path / "recoup"
    options = ["--data-dir", data_dir, "--port", str(free_port), "--detach"]
    up = [sys.executable, "-m", "tests.house.tiny_up", *options]
    told = {**os.environ, "DATABASE_URL": url(server)}
    try:
        started = subprocess.run(up, cwd=PROJECT, env=told, capture_output=True, text=True, check=False)
        assert started.returncode == 0, started.stdout
        house = House(data_dir)
        assert house.running().database == f"postgresql://127.0.0.1:{server.port}/shop"
        assert house.database_url("owner") == url(server)
        assert "shop:shop" not in house.run_file.read_text()
        assert set(house.running().programs) == {"provider", "worker", "web"}
        assert not house.postgres.exists()
        with psycopg.connect(house.environment("worker")["RECOUP_DATABASE_URL"]) as connection:
            assert connection.execute("SELECT current_user::text").fetchone() == ("recoup_worker",)
    finally:
        subprocess.run([PROJECT / "bin" / "down", "--data-dir", data_dir], check=True, capture_output=True)
    assert processes_of(data_dir) == []

    without = subprocess.run(
        up, cwd=PROJECT, capture_output=True, text=True, check=False, env=os.environ | {"DATABASE_URL": ""}
    )
    assert without.returncode == 1
    assert "was started with its own embedded PostgreSQL" in without.stdout
