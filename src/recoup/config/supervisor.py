"""Keeps the processes of a house running: restarts what ends, kills what no longer beats, stops all in order.

A process counts as stuck when the newest of its heartbeats has not moved for `beat_seconds_max`, seen by our own
monotonic clock, so that neither a jump of the wall clock nor a pause of the supervisor kills anybody.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from recoup.config import logs, processes
from recoup.config.refusals import Refusal, UnknownProgram
from recoup.config.running import Process, identify

TICK_SECONDS = 0.1
HEARTBEAT_EVERY_SECONDS = 1.0
LOGS_EVERY_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the supervisor waits: before a restart, for a heartbeat, and for the first one after a start."""

    restart_seconds_min: float = 0.2
    restart_seconds_max: float = 10.0
    forget_failures_after_seconds: float = 60.0
    beat_seconds_max: float = 20.0
    first_beat_seconds_max: float = 60.0

    def before_restart(self, failures: int) -> float:
        return min(self.restart_seconds_max, self.restart_seconds_min * 2.0 ** min(failures - 1, 16))


@dataclass(kw_only=True)
class Charge:
    """One process in the supervisor's care. `heartbeats` is where it beats, None when it need not."""

    name: str
    rank: int
    start: Callable[[], subprocess.Popen[bytes]]
    is_well: Callable[[], bool]
    log: Path
    heartbeats: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0

    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    identity: Process | None = field(default=None, init=False)
    log_offset: int = field(default=0, init=False)
    is_wanted: bool = field(default=False, init=False)
    restarts: int = field(default=0, init=False)
    failures: int = field(default=0, init=False)
    started_at: float = field(default=0.0, init=False)
    start_at: float = field(default=0.0, init=False)
    newest_beat: float = field(default=0.0, init=False)
    beat_seen_at: float = field(default=0.0, init=False)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_words(self, lines: int = 25) -> str:
        """The end of what it wrote since its latest start."""
        return logs.tail(self.log, since=self.log_offset, lines=lines)


class Supervisor:
    """All public functions may be called from any thread. `tell` hears of every restart, `changed` of every start."""

    def __init__(
        self,
        *,
        patience: Patience,
        tell: Callable[[str], None] = lambda line: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._patience = patience
        self._tell = tell
        self._changed = changed
        self._charges: dict[str, Charge] = {}
        self._guard = threading.RLock()
        self._heartbeats_due = 0.0
        self._logs_due = 0.0

    def take(self, charge: Charge) -> None:
        with self._guard:
            self._charges[charge.name] = charge

    def charge(self, name: str) -> Charge:
        """Raises UnknownProgram."""
        if name not in self._charges:
            raise UnknownProgram(f"{name!r} is not in this house; there are {', '.join(self._charges)}")
        return self._charges[name]

    def names(self) -> tuple[str, ...]:
        return tuple(self._charges)

    def running(self) -> dict[str, Process]:
        """The processes that run now, by name."""
        with self._guard:
            charges = [charge for charge in self._charges.values() if charge.is_running]
            return {charge.name: charge.identity for charge in charges if charge.identity is not None}

    def start(self, name: str) -> None:
        """It runs afterwards, and is kept running."""
        with self._guard:
            charge = self.charge(name)
            charge.is_wanted = True
            if not charge.is_running:
                self._start(charge)

    def stop(self, name: str) -> None:
        """It has been asked to end, is gone, and stays away until `start`."""
        self.stop_with(name, self.charge(name).stop_signal)

    def stop_with(self, name: str, number: signal.Signals) -> None:
        """Like `stop`, asking with another signal than usual."""
        charge = self.charge(name)
        with self._guard:
            charge.is_wanted = False
        self._stop(charge, number)

    def send(self, name: str, number: signal.Signals) -> None:
        """Everyone of the program gets the signal. Killed programs are restarted by the watch."""
        with self._guard:
            charge = self.charge(name)
            if charge.is_running and charge.process is not None:
                processes.signal_group(charge.process.pid, number)

    def kill(self, name: str) -> None:
        """It is gone at once, without a chance to say anything; the watch will restart it."""
        process = self.charge(name).process
        if process is not None:
            processes.signal_group(process.pid, signal.SIGKILL)
            process.wait()

    def stop_all(self, names: Iterable[str] | None = None) -> None:
        """Doors first, the database last: nothing of any process is left, and nothing is restarted."""
        with self._guard:
            leaving = [self.charge(name) for name in names] if names is not None else list(self._charges.values())
            for charge in leaving:
                charge.is_wanted = False
        for rank in sorted({charge.rank for charge in leaving}, reverse=True):
            together = [charge for charge in leaving if charge.rank == rank]
            with ThreadPoolExecutor(max_workers=len(together)) as stoppers:
                list(stoppers.map(self._stop, together, [charge.stop_signal for charge in together]))

    def watch(self, until: threading.Event) -> None:
        """Restarts what ends and kills what is stuck, until the event is set."""
        while not until.wait(TICK_SECONDS):
            self.look_round()

    def look_round(self) -> None:
        now = time.monotonic()
        look_at_hearts, look_at_logs = now >= self._heartbeats_due, now >= self._logs_due
        with self._guard:
            for charge in self._charges.values():
                self._look_at(charge, now)
                if look_at_hearts:
                    self._listen_to(charge, now)
                if look_at_logs:
                    logs.rotate(charge.log)
        if look_at_hearts:
            self._heartbeats_due = now + HEARTBEAT_EVERY_SECONDS
        if look_at_logs:
            self._logs_due = now + LOGS_EVERY_SECONDS

    def _look_at(self, charge: Charge, now: float) -> None:
        if charge.is_running:
            if charge.failures and now - charge.started_at > self._patience.forget_failures_after_seconds:
                charge.failures = 0
        elif charge.process is not None:
            self._note_end(charge, charge.process, now)
        elif charge.is_wanted and now >= charge.start_at:
            self._start_again(charge, now)

    def _note_end(self, charge: Charge, process: subprocess.Popen[bytes], now: float) -> None:
        processes.signal_group(process.pid, signal.SIGKILL)
        charge.process = None
        if not charge.is_wanted:
            return
        self._put_off(charge, now, f"ended ({_spoken(process.returncode)})")

    def _start_again(self, charge: Charge, now: float) -> None:
        charge.restarts += 1
        try:
            self._start(charge)
        except (OSError, Refusal) as problem:
            self._put_off(charge, now, f"could not be started ({problem})")

    def _put_off(self, charge: Charge, now: float, why: str) -> None:
        charge.failures += 1
        delay = self._patience.before_restart(charge.failures)
        charge.start_at = now + delay
        self._tell(f"{charge.name} {why}; starting it again in {delay:.1f} s, see {charge.log}")

    def _listen_to(self, charge: Charge, now: float) -> None:
        if charge.heartbeats is None or charge.process is None or not charge.is_running:
            return
        newest = _newest_beat(charge.heartbeats, charge.process.pid)
        if newest != charge.newest_beat:
            charge.newest_beat, charge.beat_seen_at = newest, now
        has_beaten = charge.newest_beat > 0
        limit = self._patience.beat_seconds_max if has_beaten else self._patience.first_beat_seconds_max
        silence = now - charge.beat_seen_at
        if silence > limit:
            self._tell(f"{charge.name} has given no sign of life for {silence:.0f} s; killing it")
            processes.signal_group(charge.process.pid, signal.SIGKILL)

    def _start(self, charge: Charge) -> None:
        charge.log_offset = charge.log.stat().st_size if charge.log.exists() else 0
        charge.process = charge.start()
        charge.identity = identify(charge.process.pid)
        charge.started_at = charge.beat_seen_at = time.monotonic()
        charge.newest_beat = 0.0
        self._changed()

    def _stop(self, charge: Charge, number: signal.Signals) -> None:
        process = charge.process
        if process is None:
            return
        went = processes.stop_group(process, first=number, seconds=charge.stop_seconds)
        if not went:
            self._tell(f"{charge.name} did not stop within {charge.stop_seconds:.0f} s and was killed")
        with self._guard:
            charge.process = None


def has_beaten(heartbeats: Path, leader: int) -> bool:
    """Whether anybody of the group that this process leads has given a sign of life."""
    return _newest_beat(heartbeats, leader) > 0


def _newest_beat(heartbeats: Path, leader: int) -> float:
    """The newest heartbeat of anybody in the leader's group; those of processes that are gone are swept away."""
    newest = 0.0
    for beat in heartbeats.glob("*-*"):
        with contextlib.suppress(FileNotFoundError, ValueError):
            try:
                group = os.getpgid(int(beat.name.rpartition("-")[2]))
            except ProcessLookupError:
                beat.unlink()
                continue
            if group == leader:
                newest = max(newest, beat.stat().st_mtime)
    return newest


def _spoken(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
