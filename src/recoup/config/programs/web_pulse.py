"""Signs of life of the web's workers. One that hangs takes half of the requests with it, and its door still opens.

A worker beats while its threads move. The parent, which only waits for its workers otherwise, ends one that has fallen
silent; granian then starts another.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import structlog

#: A worker all of whose threads have been busy with the same requests for so long does not move.
BUSY_S_MAX = 60.0
#: A worker that has not beaten for so long is ended; a new one gets `FIRST_S_MAX` until its first beat.
SILENT_S_MAX = 20.0
FIRST_S_MAX = 60.0

log = structlog.get_logger(__name__)


class Pulse:
    """A WSGI application that knows whether its threads move."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int) -> None:
        self._application = application
        self._threads = threads
        self._began: dict[int, float] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        me = threading.get_ident()
        self._began[me] = time.monotonic()
        try:
            return self._application(environ, start_response)
        finally:
            del self._began[me]

    def is_moving(self, *, now: float) -> bool:
        """False when every thread is busy and none has begun anything for a long time."""
        began = list(self._began.values())
        return len(began) < self._threads or now - max(began) < BUSY_S_MAX

    def start(self, directory: Path) -> None:
        """From now on this worker beats there while it moves."""
        self._beat = beat_of(os.getpid(), directory=directory)
        threading.Thread(target=self._keep_beating, name="pulse", daemon=True).start()

    def _keep_beating(self) -> None:
        while True:
            if self.is_moving(now=time.monotonic()):
                self._beat.touch(mode=0o600)
            time.sleep(1.0)


class Watch:
    """The parent's eye on its workers."""

    def __init__(self, directory: Path, *, silent_s_max: float = SILENT_S_MAX) -> None:
        self._directory = directory
        self._silent_s_max = silent_s_max
        #: By process: the beat that was seen last (0: none yet), and when.
        self._seen: dict[int, tuple[float, float]] = {}

    def end_the_silent(self) -> list[int]:
        """Ends the workers that have fallen silent. Gives their process ids."""
        pids = {child.pid for child in multiprocessing.active_children() if child.pid}
        for gone in self._seen.keys() - pids:
            del self._seen[gone]
            beat_of(gone, directory=self._directory).unlink(missing_ok=True)
        silent = [pid for pid in pids if self.is_silent(pid, now=time.monotonic())]
        for pid in silent:
            log.error("worker_silent", pid=pid)
            os.kill(pid, signal.SIGKILL)
        return silent

    def is_silent(self, pid: int, *, now: float) -> bool:
        """True when the process has not beaten for too long, by our own clock."""
        newest = self._newest(pid)
        last, seen_at = self._seen.get(pid, (-1.0, now))
        if newest != last:
            self._seen[pid] = (newest, now)
            return False
        return now - seen_at > (self._silent_s_max if newest else FIRST_S_MAX)

    def _newest(self, pid: int) -> float:
        try:
            return beat_of(pid, directory=self._directory).stat().st_mtime
        except FileNotFoundError:
            return 0.0


def beat_of(pid: int, *, directory: Path) -> Path:
    """Where a worker beats. The name is none of `kernel.heartbeat`: the supervisor listens to the parent only."""
    return directory / f"web_worker_{pid}"
