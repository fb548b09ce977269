"""The log files of the programs: each program appends to its own; here they are kept short and read from the end."""

import os
import shutil
from pathlib import Path

SIZE_MAX = 20 * 1024 * 1024
KEPT = 3


def rotate(log: Path, *, size_max: int = SIZE_MAX) -> None:
    """A log that grew too long is moved aside (`web.log.1`, the newest) and goes on empty.

    The program keeps writing to the same open file, so it is copied and cut, not renamed; a line that is written
    between the two is lost.
    """
    if not log.exists() or log.stat().st_size <= size_max:
        return
    for number in range(KEPT, 1, -1):
        older = log.with_name(f"{log.name}.{number - 1}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number}"))
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)


def tail(log: Path, *, lines: int, since: int = 0) -> str:
    """The last lines of what was written after `since` bytes."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(since if since <= size else 0, size - 64 * 1024))
        text = file.read().decode(errors="replace")
    return "\n".join(text.rstrip().splitlines()[-lines:])
