"""The whole way of a refund on a PostgreSQL of the operator's, as old as we promise: migrated, asked, paid, verified.

Two servers are tried: one of the embedded binaries, always; and the oldest of Debian's packages (15 or newer) that is
installed here (`apt-get install postgresql-15`), else that test says that it was left out.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from recoup.config import cluster, ports, processes, server_user
from recoup.config.house import PROJECT, House
from tests.house.conftest import processes_of

pytestmark = pytest.mark.slow

PACKAGED = sorted(
    (int(found[1]), path)
    for path in Path("/usr/lib/postgresql").glob("*/bin")
    if (found := re.fullmatch(r"(\d+)", path.parent.name)) and int(found[1]) >= 15 and (path / "initdb").exists()
)


@dataclass(frozen=True)
class Server:
    port: int
    version: int

    def connect(self, user, password, database):
        return psycopg.connect(
            host="127.0.0.1", port=self.port, dbname=database, user=user, password=password, autocommit=True
        )


@pytest.fixture
def server(request):
    if request.param == "embedded":
        binaries = cluster.binaries()
    elif PACKAGED:
        binaries = PACKAGED[0][1]
    else:
        pytest.skip("no PostgreSQL 15 or newer in /usr/lib/postgresql: apt-get install postgresql-15")
    directory = Path(tempfile.mkdtemp(prefix="recoup-server-"))
    directory.chmod(0o711)
    data, port = directory / "data", ports.free_port()
    data.mkdir(mode=0o700)
    user = server_user.choose(data, binaries=binaries)
    user.owns(data)
    password_file = directory / "password"
    password_file.write_text("administrator\n")
    user.owns(password_file)
    subprocess.run(
        [
            *(*user.prefix, binaries / "initdb", "-D", data, "-U", "admin", "-A", "scram-sha-256", "--no-sync"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--pwfile", password_file),
        ],
        check=True,
        capture_output=True,
        cwd="/",
    )
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    process = processes.spawn(
        [*user.prefix, str(binaries / "postgres"), "-D", str(data), *(f"--{k}={v}" for k, v in settings.items())],
        environment={"PATH": "/usr/bin:/bin", "LANG": "C"},
        log=directory / "log",
        directory=Path("/"),
    )
    try:
        assert processes.wait_until(lambda: _answers(port), seconds=20), (directory / "log").read_text()
        with psycopg.connect(_admin(port), autocommit=True) as connection:
            connection.execute("CREATE ROLE shop LOGIN CREATEROLE PASSWORD 'shop'")
            connection.execute("CREATE DATABASE shop OWNER shop")
            version = connection.info.server_version // 10_000
        with psycopg.connect(_admin(port, "shop"), autocommit=True) as connection:
            connection.execute("ALTER SCHEMA public OWNER TO shop")
        yield Server(port, version)
    finally:
        processes.stop_group(process, first=signal.SIGINT, seconds=10)
        shutil.rmtree(directory)


def _admin(port, database="postgres"):
    return f"postgresql://admin:administrator@127.0.0.1:{port}/{database}"


def _answers(port):
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(_admin(port), connect_timeout=2).close()
        return True
    return False


@pytest.mark.parametrize("server", ["embedded", "packaged"], indirect=True)
def test_a_refund_is_paid_on_a_server_of_the_operators(server, tmp_path, free_port):
    data_dir = tmp_path / "recoup"
    told = {**os.environ, "DATABASE_URL": f"postgresql://shop:shop@127.0.0.1:{server.port}/shop"}
    try:
        up = [PROJECT / "bin" / "up", "--data-dir", data_dir, "--port", str(free_port), "--detach"]
        started = subprocess.run(up, env=told, capture_output=True, text=True, check=False)
        assert started.returncode == 0, started.stdout + started.stderr
        with psycopg.connect(House(data_dir).database_url("owner")) as connection:
            assert connection.info.server_version // 10_000 == server.version

        case = _ask(data_dir, free_port, "POST", "")
        assert case["amount_minor"] == 1890
        assert processes.wait_until(
            lambda: _ask(data_dir, free_port, "GET", f"/{case['id']}")["payouts"][0]["state"] == "succeeded", seconds=30
        )
        verify = [PROJECT / "bin" / "recoup", "--data-dir", data_dir, "verify", "--json"]
        verified = subprocess.run(verify, capture_output=True, text=True, check=False)
        assert verified.returncode == 0, verified.stdout
    finally:
        subprocess.run([PROJECT / "bin" / "down", "--data-dir", data_dir], check=True, capture_output=True)
    assert processes_of(data_dir) == []


def _ask(data_dir, port, method, path):
    key = json.loads((data_dir / "demo.json").read_text())["api_keys"][0]["key"]
    body = {"order_number": "MH-1001", "reason": "missing_item", "items": [{"sku": "MUG-BLUE", "quantity": 1}]}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/refunds{path}",
        method=method,
        data=json.dumps({**body, "words": "One mug of two"}).encode() if method == "POST" else None,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": "age-1"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
