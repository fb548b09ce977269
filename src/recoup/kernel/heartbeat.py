"""A program's sign of life: a file whose modification time its supervisor watches.

`beat` belongs into the real work loop of a program, never into a thread of its own: a loop that hangs must fall silent.
"""

import os
import time
from pathlib import Path

#: A busy loop may call `beat` as often as it likes; the file is touched no more often than this.
SECONDS_BETWEEN_MIN = 0.5

_beaten: dict[str, tuple[int, float]] = {}


def beat(name: str) -> None:
    """The heartbeat of this program in this process is fresh. Without RECOUP_HEARTBEAT_DIR nobody listens."""
    pid, at = os.getpid(), time.monotonic()
    last = _beaten.get(name)
    if last is not None and last[0] == pid and at - last[1] < SECONDS_BETWEEN_MIN:
        return
    directory = os.environ.get("RECOUP_HEARTBEAT_DIR")
    if directory:
        _touch(Path(directory) / f"{name}-{pid}")
    _beaten[name] = (pid, at)


def _touch(path: Path) -> None:
    try:
        path.touch(mode=0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
