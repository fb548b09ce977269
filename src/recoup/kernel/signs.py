"""How programs say in the database that they live, for the operator's pages; also those that know nothing of Django.

The files of `kernel.heartbeat` are for the supervisor on the same machine; these rows are for people, wherever the
programs run.
"""

from __future__ import annotations

import os
import re
import socket
from itertools import count

#: So often a part says so; whoever was not seen for `SILENT_S` is silent.
EVERY_S = 10.0
SILENT_S = 35.0

#: id, program, part, place, started_at, seen_at.
NOTE = (
    "INSERT INTO operations_sign (id, program, part, place, started_at, seen_at) VALUES (%s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
)


def place() -> str:
    """This process: its machine's name and its number there."""
    return f"{socket.gethostname()}:{os.getpid()}"


def name(program: str, part: str) -> str:
    """How the row of a part of this process is called."""
    return f"{program}/{part}@{place()}"


def numbered(statement: str) -> str:
    """The statement with `$1, $2, ...` for its parameters, for drivers that want it so."""
    numbers = count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", statement)
