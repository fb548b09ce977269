"""Starting and stopping processes so that none is left behind.

Every process we start leads a process group of its own, and is told by the kernel when its parent is gone. That word
comes when the *thread* that started it ends, so all of them are started by one thread that lives as long as we do.
"""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path

import psutil


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    directory: Path | None = None,
    farewell: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """The command runs in a process group of its own, appends to `log`, and gets `farewell` when we die."""

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab", buffering=0) as output:
            return subprocess.Popen(
                [*told_of_our_death(farewell), *command],
                env=dict(environment),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    return _starter().run(start)


def told_of_our_death(farewell: signal.Signals) -> list[str]:
    """The prefix of a command that makes Linux send it this signal when its parent dies; empty where that is unknown.

    `setpriv` (util-linux) asks the kernel for it and steps aside. A later change of user forgets it.
    """
    setpriv = _setpriv()
    return [setpriv, "--pdeathsig", farewell.name.removeprefix("SIG"), "--"] if setpriv else []


def signal_group(leader: int, number: signal.Signals) -> None:
    """Everyone in the group of this leader gets the signal; an empty group is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def stop_group(process: subprocess.Popen[bytes], *, first: signal.Signals, seconds: float) -> bool:
    """Nobody of the group is left afterwards. True when they went by themselves within the time.

    The first signal goes to the leader only: it knows how to stop its own children.
    """
    if process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired, PermissionError):
            process.send_signal(first)
            process.send_signal(signal.SIGCONT)
            process.wait(timeout=seconds)
    went = process.poll() is not None
    signal_group(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # A root without the right to kill must not wait for ever.
        process.wait(timeout=10.0)
    return went


def end(processes: Sequence[psutil.Process], *, first: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> None:
    """None of these processes, which need not be our children, is left afterwards."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(first)
            process.send_signal(signal.SIGCONT)
    _, stubborn = psutil.wait_procs(list(processes), timeout=seconds)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5.0)


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Whether the condition came true within the time."""
    end_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end_at:
            return False
        time.sleep(every)
    return True


class _Starter:
    """One thread for the life of this process, which starts every child."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Callable[[], subprocess.Popen[bytes]], Future[subprocess.Popen[bytes]]]]
        self._orders = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="starter", daemon=True).start()

    def run(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        answer: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((start, answer))
        try:
            return answer.result()
        except BaseException:
            # Interrupted while the child was being born: nobody will know of it, so it must not live.
            with contextlib.suppress(Exception):
                stop_group(answer.result(timeout=5.0), first=signal.SIGKILL, seconds=1.0)
            raise

    def _serve(self) -> None:
        while True:
            start, answer = self._orders.get()
            try:
                answer.set_result(start())
            except BaseException as problem:  # noqa: BLE001 - handed to the caller, who waits for it
                answer.set_exception(problem)


@cache
def _starter() -> _Starter:
    return _Starter()


os.register_at_fork(after_in_child=_starter.cache_clear)


@cache
def _setpriv() -> str | None:
    found = shutil.which("setpriv") or shutil.which("setpriv", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if found is None:
        return None
    asked = subprocess.run([found, "--pdeathsig", "TERM", "--", "true"], capture_output=True, check=False)
    return found if asked.returncode == 0 else None
