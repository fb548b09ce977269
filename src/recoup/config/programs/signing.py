"""The web program's signs of life, in the database: written beside its work, by a connection of its own.

A database that is away or slow holds up nobody: the sign is late then, which is what the operator should see.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import psycopg
import structlog

from recoup.kernel import signs
from recoup.kernel.clock import now

log = structlog.get_logger(__name__)


def keep_saying(program: str, part: str, *, is_moving: Callable[[], bool]) -> None:
    """From now on this process says that it lives, as long as it moves."""
    threading.Thread(target=_keep_on, args=(program, part, is_moving), name="signs", daemon=True).start()


def _keep_on(program: str, part: str, is_moving: Callable[[], bool]) -> None:
    pause = threading.Event()
    while True:
        if is_moving():
            say(program, part)
        pause.wait(signs.EVERY_S)


def say(program: str, part: str) -> bool:
    """The part was seen now; False when the database was away."""
    at = now()
    row = [signs.name(program, part), program, part, signs.place(), at, at]
    try:
        with psycopg.connect(
            os.environ["RECOUP_DATABASE_URL"], autocommit=True, connect_timeout=5, application_name="signs"
        ) as connection:
            connection.execute(signs.NOTE, row)
    except psycopg.Error as problem:
        log.warning("sign_not_written", why=type(problem).__name__)
        return False
    return True
