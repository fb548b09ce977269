"""The provider's SQLite file: many requests share one commit, and none is answered before it.

Everything runs in one event loop, so a request's statements are never interleaved with another's. The commit (with its
fsync, if wished) happens once the loop has given every request that arrived meanwhile its turn.

What was answered survives the death of any program. To survive a power cut as well, RECOUP_PROVIDER_FSYNC=1 waits for
the disk at each commit, for about half a millisecond of CPU per refund.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE_NAME = "provider.sqlite3"
TABLES = Path(__file__).with_name("tables.sql")


class Store:
    """The open file, its transaction and the provider's clock."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / FILE_NAME
        self._database = sqlite3.connect(self.path, isolation_level=None, cached_statements=256)
        self._database.row_factory = sqlite3.Row
        synchronous = "FULL" if os.environ.get("RECOUP_PROVIDER_FSYNC") == "1" else "NORMAL"
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "temp_store=MEMORY",
            "cache_size=-65536",
            "wal_autocheckpoint=8000",
        ):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(TABLES.read_text())
        self._committing: asyncio.Future[None] | None = None
        self.clock_offset_s = float(self.setting("clock_offset_s", "0"))

    def now(self) -> float:
        """The provider's own time, in seconds; tests move it."""
        return time.time() + self.clock_offset_s

    def setting(self, name: str, default: str) -> str:
        row = self.one("SELECT value FROM settings WHERE name = ?", name)
        return row["value"] if row else default

    def move_clock(self, *, offset_s: float) -> None:
        """Let the provider live `offset_s` seconds away from real time, also after a restart."""
        with self.step():
            self.run("INSERT OR REPLACE INTO settings VALUES ('clock_offset_s', ?)", repr(offset_s))
        self.clock_offset_s = offset_s

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._database.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._database.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Change something, inside `step()`. Returns the number of rows changed."""
        return self._database.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._database.executemany(sql, rows)

    @contextmanager
    def step(self) -> Iterator[None]:
        """All or nothing for the statements within; joins the commit that is being gathered."""
        if not self._database.in_transaction:
            self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK TO step")
            raise
        finally:
            self._database.execute("RELEASE step")

    async def durable(self) -> None:
        """Returns once everything written so far is on disk."""
        if not self._database.in_transaction:
            return
        if self._committing is None:
            loop = asyncio.get_running_loop()
            self._committing = loop.create_future()
            loop.call_soon(self._commit)
        await asyncio.shield(self._committing)

    def commit(self) -> None:
        """Commit now, for those who do not wait for `durable`."""
        if self._database.in_transaction:
            self._database.execute("COMMIT")

    def close(self) -> None:
        self.commit()
        self._database.close()

    def _commit(self) -> None:
        gathered, self._committing = self._committing, None
        try:
            self.commit()
        except sqlite3.Error as error:
            if gathered:
                gathered.set_exception(error)
            return
        if gathered:
            gathered.set_result(None)


def read_only(path: Path) -> sqlite3.Connection:
    """A second connection that can only read, for long sums beside the running provider."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    database.row_factory = sqlite3.Row
    return database
