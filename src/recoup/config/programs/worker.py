"""The worker: goes round its stations until it is told to stop. Any number of workers may run.

    python -m recoup.config.programs.worker

Everything it does waits in rows of ours; a notification only says "look now". When the database stays away, it ends
with an exit code and its supervisor starts it again.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from types import FrameType
from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg import sql

from recoup.kernel import clock, memory
from recoup.kernel.heartbeat import beat

if TYPE_CHECKING:
    from recoup.config.stations import Station

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")

NAME = "worker"
#: So long a lane tries to reach the database before the program ends.
DATABASE_AWAY_S_MAX = 15.0
#: So long the last rounds may take after being told to stop; the supervisor waits a little longer.
GOODBYE_S_MAX = 8.0
FAILED_REST_S_MAX = 10.0

log = structlog.get_logger(__name__)


class Turn:
    """A station's place in the rounds: when its next one is due, and how the last ones went."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.work = station.make()
        self.due_at = 0.0
        self.rested_at = 0.0
        self.failures = 0

    def ring(self) -> None:
        self.due_at = min(self.due_at, self.rested_at)

    def went_well(self, count: int, now: float) -> None:
        self.failures = 0
        self.rested_at = now if count >= self.station.heap else now + self.station.rest_s
        self.due_at = self.rested_at if count >= self.station.full else now + self.station.sweep_s

    def failed(self, now: float) -> None:
        self.failures += 1
        self.rested_at = self.due_at = now + min(FAILED_REST_S_MAX, 0.25 * 2.0 ** min(self.failures, 8))


class Lane(threading.Thread):
    """Some stations that take turns. `lost`: the database stayed away for too long."""

    def __init__(self, name: str, turns: list[Turn], *, over: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._turns = turns
        self._over = over
        self._bell = threading.Condition()
        self._started_at = 0.0
        self._patience_s = 0.0
        self._away_since: float | None = None
        self.lost = False

    def ring(self, channel: str | None) -> None:
        """The stations of this channel (None: all) have their turn as soon as they have rested."""
        with self._bell:
            for turn in self._turns:
                if channel is None or turn.station.channel == channel:
                    turn.ring()
            self._bell.notify()

    def is_moving(self) -> bool:
        """False when the present round has taken longer than it ever should, or the thread has ended."""
        started_at = self._started_at
        return self.is_alive() and (not started_at or time.monotonic() - started_at < self._patience_s)

    def run(self) -> None:
        from django.db import connection

        try:
            while not self._over.is_set():
                turn = self._wait_for_turn()
                if turn is not None:
                    self._take(turn)
        finally:
            connection.close()

    def _wait_for_turn(self) -> Turn | None:
        with self._bell:
            turn = min(self._turns, key=lambda one: one.due_at)
            wait_s = turn.due_at - time.monotonic()
            if wait_s <= 0:
                return turn
            self._bell.wait(min(wait_s, 1.0))
        return None

    def _take(self, turn: Turn) -> None:
        self._patience_s = turn.station.patience_s
        self._started_at = time.monotonic()
        try:
            count = turn.work(at=clock.now())
        except Exception as problem:  # noqa: BLE001 - a station that fails must not stop the others; it is in the log
            self._note(turn, problem)
        else:
            self._away_since = None
            with self._bell:
                turn.went_well(count, time.monotonic())
        finally:
            self._started_at = 0.0

    def _note(self, turn: Turn, problem: Exception) -> None:
        from django.db import connection

        is_away = _is_away(problem)
        now = time.monotonic()
        with self._bell:
            turn.failed(now)
        if not is_away:
            self._away_since = None
            log.error("round_failed", station=turn.station.name, failures=turn.failures, exc_info=problem)
            return
        connection.close()
        self._away_since = self._away_since or now
        log.warning("database_away", station=turn.station.name, why=type(problem).__name__)
        if now - self._away_since > DATABASE_AWAY_S_MAX:
            self.lost = True


def _is_away(problem: Exception) -> bool:
    """True when the database could not be reached, or this thread's connection to it is of no use any more."""
    from django.db import InterfaceError, OperationalError, connection

    if not isinstance(problem, InterfaceError | OperationalError):
        return False
    return connection.connection is None or not connection.is_usable()


class Doorbell(threading.Thread):
    """Listens to the database's notifications on a connection of its own. Without it the sweeps still do everything."""

    def __init__(self, lanes: Iterable[Lane], channels: Iterable[str], *, over: threading.Event) -> None:
        super().__init__(name="doorbell", daemon=True)
        self._lanes = tuple(lanes)
        self._channels = sorted(channels)
        self._over = over

    def run(self) -> None:
        rest_s = 0.2
        while not self._over.is_set():
            try:
                self._listen()
                rest_s = 0.2
            except psycopg.Error as problem:
                log.warning("doorbell_lost", why=type(problem).__name__)
                self._over.wait(rest_s)
                rest_s = min(5.0, rest_s * 2)

    def _listen(self) -> None:
        url = os.environ["RECOUP_DATABASE_URL"]
        with psycopg.connect(url, autocommit=True, connect_timeout=5, application_name="worker-doorbell") as listener:
            for channel in self._channels:
                listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            self._ring(None)
            while not self._over.is_set():
                for heard in listener.notifies(timeout=1.0):
                    self._ring(heard.channel)
                    if self._over.is_set():
                        return

    def _ring(self, channel: str | None) -> None:
        for lane in self._lanes:
            lane.ring(channel)


class Worker:
    """All lanes together. `run` gives the program's exit code."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        self._over = threading.Event()
        by_lane: dict[str, list[Turn]] = {}
        for turn in turns:
            by_lane.setdefault(turn.station.lane, []).append(turn)
        self._lanes = [Lane(name, its_turns, over=self._over) for name, its_turns in by_lane.items()]
        channels = {turn.station.channel for one in by_lane.values() for turn in one if turn.station.channel}
        self._doorbell = Doorbell(self._lanes, channels, over=self._over)

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """The rounds under way are the last ones."""
        self._over.set()

    def run(self) -> int:
        """Work until `stop`, or until the database has stayed away. The heart beats while every lane moves."""
        for thread in (*self._lanes, self._doorbell):
            thread.start()
        log.info("ready", lanes=[lane.name for lane in self._lanes])
        was_stuck: list[str] = []
        while not self._over.wait(0.5):
            stuck = [lane.name for lane in self._lanes if not lane.is_moving()]
            if not stuck:
                beat(NAME)
            if stuck != was_stuck:
                log.error("lanes_stuck", lanes=stuck)
                was_stuck = stuck
            if any(lane.lost for lane in self._lanes):
                log.error("database_lost")
                return 1
        return self._say_goodbye()

    def _say_goodbye(self) -> int:
        for lane in self._lanes:
            lane.ring(None)
        ends_at = time.monotonic() + GOODBYE_S_MAX
        for lane in self._lanes:
            lane.join(max(0.1, ends_at - time.monotonic()))
        unfinished = [lane.name for lane in self._lanes if lane.is_alive()]
        log.info("stopped", unfinished=unfinished)
        return 0


def main(settings: Mapping[str, str] = os.environ) -> int:
    """Run the worker with the stations of `RECOUP_STATIONS` (names, separated by commas), or with all of them."""
    import django

    from recoup.config import log as logs

    logs.set_up(NAME)
    django.setup()
    from recoup.config.stations import STATIONS

    wanted = {name for name in settings.get("RECOUP_STATIONS", "").split(",") if name}
    worker = Worker([Turn(station) for station in STATIONS if not wanted or station.name in wanted])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    memory.settle()
    return worker.run()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Threads that still wait for the world are daemons; their rows are leased and will be taken up again.
    os._exit(code)
