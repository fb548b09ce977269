"""What is done to a database before the doors open: migrations, and once, the demo world.

Both are whole programs that take seconds even when there is nothing to do, so what was done is written down with the
database it was done to (`prepared.json`). The stamp is believed only while everything it speaks of is the same.
"""

import hashlib
import json
import signal
import sys
from pathlib import Path

import psycopg

from recoup.config import files, logs, processes
from recoup.config.house import PROJECT, House
from recoup.config.refusals import MigrationFailed, ProgramFailed
from recoup.config.running import Running

MIGRATE = ("-m", "recoup.config.manage", "migrate", "--noinput")
LOAD_DEMO = ("-m", "recoup.config.cli")


def migrate(house: House, *, owner_url: str, source: Path = PROJECT) -> bool:
    """The database has every migration afterwards. False when it had them all. Raises MigrationFailed."""
    wanted = _migration_files(source)
    if _stamp(house).get("migrated") == [wanted, _applied(owner_url)]:
        return False
    log = house.logs / "migrate.log"
    offset = log.stat().st_size if log.exists() else 0
    command = [sys.executable, *MIGRATE]
    if _run(command, environment=house.environment("owner"), log=log) != 0:
        raise MigrationFailed(
            f"the database could not be migrated; the end of {log}:\n\n{logs.tail(log, since=offset, lines=25)}"
        )
    _note(house, migrated=[wanted, _applied(owner_url)])
    return True


def load_demo(house: House, running: Running) -> bool:
    """The demo world is in the database, its sign-ins in `demo.json`. False when they were. Raises ProgramFailed."""
    wanted = [_database_identity(house.database_url("owner")), running.public_url, running.provider_url]
    wanted.append(running.town_url)
    if house.demo.exists() and _stamp(house).get("demo") == wanted:
        return False
    log = house.logs / "load-demo.log"
    offset = log.stat().st_size if log.exists() else 0
    command = [sys.executable, *LOAD_DEMO, "--data-dir", str(house.data_dir), "load-demo"]
    if _run(command, environment=house.environment("cli"), log=log) != 0:
        raise ProgramFailed(
            f"the demo world could not be loaded; the end of {log}:\n\n{logs.tail(log, since=offset, lines=25)}"
        )
    _note(house, demo=wanted)
    return True


def _run(command: list[str], *, environment: dict[str, str], log: Path) -> int:
    process = processes.spawn(command, environment=environment, log=log)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            processes.stop_group(process, first=signal.SIGINT, seconds=5.0)


def _migration_files(source: Path) -> str:
    """A digest of everything that decides what `migrate` would do: our migrations and the locked libraries."""
    digest = hashlib.sha256()
    lock = source / "requirements" / "run.lock"
    migrations = sorted(path for path in (source / "src").glob("**/migrations/*") if path.is_file())
    for path in [*migrations, *([lock] if lock.exists() else [])]:
        digest.update(str(path.relative_to(source)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _applied(owner_url: str) -> str | None:
    """Which database this is and what was applied to it; None when nothing ever was."""
    try:
        with psycopg.connect(owner_url, connect_timeout=10) as connection:
            row = connection.execute("SELECT count(*), max(id), max(applied)::text FROM django_migrations").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return f"{_database_identity(owner_url)} {json.dumps(row)}"


def _database_identity(owner_url: str) -> str:
    with psycopg.connect(owner_url, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT (SELECT system_identifier FROM pg_control_system())::text, oid::text, datname::text"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return "/".join(row or ())


def _stamp(house: House) -> dict[str, object]:
    return files.read_json(house.data_dir / "prepared.json") or {}


def _note(house: House, **done: object) -> None:
    files.write_private_json(house.data_dir / "prepared.json", _stamp(house) | done)
