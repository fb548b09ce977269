"""The embedded PostgreSQL: who may sign in, where it listens, how it comes back."""

import os
import signal
import socket

import psycopg
import pytest

from recoup.config import roles, server_user
from recoup.config.cluster import Cluster, binaries
from recoup.config.house_secrets import PROGRAM_ROLES, ROLES
from recoup.config.private_house import PrivateHouse
from recoup.config.processes import stop_group, wait_until
from recoup.config.refusals import ClusterUnreachable
from recoup.config.running import without_credentials

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house():
    with PrivateHouse(cluster_only=True) as house:
        yield house


def ask(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("role", ROLES)
def test_every_role_signs_in_with_its_own_password_only(house, role):
    assert ask(house.database_url(role), "SELECT current_user::text") == [(role,)]

    address = without_credentials(house.database_url(role))
    for password in ("", "postgres", role, house.house.secrets.passwords["postgres"]):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(address, user=role, password=password)


def test_the_unix_socket_asks_for_the_password_too(house):
    socket_directory = house.data_dir / "socket"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(socket_directory), port=house.running.ports.postgres, user="postgres", dbname="recoup")


def test_passwords_are_kept_where_only_their_owner_reads_them(house):
    for name in ("secrets.json", "vault.key", "run.json", "house.json"):
        assert (house.data_dir / name).stat().st_mode & 0o777 == 0o600, name


@pytest.mark.parametrize("role", PROGRAM_ROLES)
def test_a_program_may_not_make_tables_nor_enter_other_databases(house, role):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(house.database_url(role), "CREATE TABLE mine (id int)")
    elsewhere = house.database_url(role).rpartition("/")[0] + "/postgres"
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(elsewhere)


def test_no_role_is_above_the_rules(house):
    above = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication"
    found = ask(house.database_url("owner"), f"SELECT rolname FROM pg_roles WHERE rolname ~ '^recoup' AND ({above})")
    assert found == []


def test_text_is_utf8_and_sorts_alike_on_every_machine(house):
    query = (
        "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datlocale FROM pg_database WHERE datname='recoup'"
    )
    assert ask(house.database_url("owner"), query) == [("UTF8", "b", "C.UTF-8")]


def test_it_listens_on_this_machine_only(house):
    assert ask(house.database_url("owner"), "SHOW listen_addresses") == [("127.0.0.1",)]
    with socket.socket() as outside:
        outside.bind(("0.0.0.0", 0))  # noqa: S104 - to learn whether 127.0.0.2 is answered
        assert outside.connect_ex(("127.0.0.2", house.running.ports.postgres)) != 0


def test_names_of_people_stay_out_of_the_log(house):
    with psycopg.connect(house.database_url("owner"), autocommit=True) as connection:
        connection.execute("CREATE TABLE people (email text UNIQUE)")
        connection.execute("INSERT INTO people VALUES ('jonas@example.org')")
        with pytest.raises(psycopg.errors.UniqueViolation, match=r"jonas@example\.org"):
            connection.execute("INSERT INTO people VALUES ('jonas@example.org')")
    assert "duplicate key" in house.log("postgres").read_text()
    assert "jonas" not in house.log("postgres").read_text()


def test_a_database_is_copied_from_a_template(house):
    with psycopg.connect(house.database_url("owner")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS shelf (id int)")
    house.create_database("second", template=roles.DATABASE)
    try:
        second = house.database_url("owner").rpartition("/")[0] + "/second"
        assert ask(second, "SELECT count(*) FROM shelf") == [(0,)]
    finally:
        house.drop_database("second")


def test_postgres_comes_back_by_itself_when_it_is_killed():
    with PrivateHouse(cluster_only=True) as house:
        first = house.process("postgres").pid
        house.kill("postgres")
        house.wait_until_well("postgres", seconds=20)
        assert wait_until(lambda: house.restarts("postgres") == 1, seconds=5)
        assert house.process("postgres").pid != first
        assert ask(house.database_url("web"), "SELECT 1") == [(1,)]


def test_an_immediate_restart_recovers_what_was_committed():
    with PrivateHouse(cluster_only=True) as house:
        with psycopg.connect(house.database_url("owner")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
        house.restart_database(immediate=True)
        assert ask(house.database_url("owner"), "SELECT id FROM kept") == [(1,)]
        assert "not properly shut down" in house.log("postgres").read_text()
        assert house.restarts("postgres") == 0, "it was restarted by hand, not by the supervisor"


def cluster_in(directory, *, port, is_durable=True):
    return Cluster(
        directory=directory / "postgres",
        log=directory / "postgres.log",
        port=port,
        superuser_password="pass-word",
        is_durable=is_durable,
    )


@pytest.fixture
def started():
    """Starts clusters and stops them after the test. Pytest's directories are closed to others: root needs a loan."""
    processes = []

    def start(cluster):
        process = cluster.spawn()
        processes.append(process)
        assert wait_until(cluster.is_ready, seconds=20), cluster.log.read_text()
        return process

    yield start
    for process in processes:
        stop_group(process, first=signal.SIGINT, seconds=10)


def test_a_durable_cluster_syncs_and_checks_its_pages_also_behind_a_closed_directory(tmp_path, started, free_port):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = cluster_in(closed, port=free_port)

    assert cluster.initialise()
    assert not cluster.initialise(), "the second time there is nothing to do"
    started(cluster)

    with cluster.connect("postgres") as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",), setting
    assert (closed / "postgres").stat().st_uid != 0, "PostgreSQL's files are never root's"


def test_the_number_of_a_stranger_in_the_pid_file_keeps_nobody_out(tmp_path, started, free_port):
    cluster = cluster_in(tmp_path, port=free_port, is_durable=False)
    cluster.initialise()
    (cluster.directory / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.directory}\n0\n{free_port}\n")
    started(cluster)


def test_a_postgres_that_lost_its_supervisor_is_stopped_before_the_next_start(tmp_path, started, free_port):
    cluster = cluster_in(tmp_path, port=free_port, is_durable=False)
    cluster.initialise()
    orphan = started(cluster)
    started(cluster)
    assert orphan.poll() is not None


def test_a_half_made_cluster_is_made_anew(tmp_path, started, free_port):
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    cluster = cluster_in(tmp_path, port=free_port, is_durable=False)
    assert cluster.initialise()
    started(cluster)
    assert not (tmp_path / "postgres.new").exists()


def test_when_nothing_can_be_lent_the_refusal_names_the_closed_directory(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    if os.geteuid() != 0:  # An ordinary user steps down to nobody, and gets to its own directories.
        assert server_user.choose(closed / "postgres", binaries=binaries(), loans=()).prefix == ()
        return
    first_closed = next(d for d in [*reversed(closed.parents), closed] if d.stat().st_mode & 0o1 == 0)
    with pytest.raises(ClusterUnreachable, match=f"cannot get to {first_closed}\\."):
        server_user.choose(closed / "postgres", binaries=binaries(), loans=())
