"""The worker's rounds: nobody waits for a slow one, nobody is stopped by a broken one, a hung one is noticed."""

import threading
import time

import pytest

from recoup.config.programs import worker as program
from recoup.config.programs.worker import Lane, Turn, Worker


class Count:
    """Work that counts its rounds; `rows` are what it says to have done, `wrong` what it raises."""

    def __init__(self, *rows, wrong=None, takes_s=0.0):
        self.rows, self.wrong, self.takes_s = list(rows), wrong, takes_s
        self.rounds = []

    def __call__(self, *, at):
        self.rounds.append(time.monotonic())
        time.sleep(self.takes_s)
        if self.wrong:
            raise self.wrong
        return self.rows.pop(0) if self.rows else 0


@pytest.fixture
def turn(database):
    """A station's turn."""
    from recoup.config.stations import Station

    def make(work, name="one", lane="first", **changes):
        return Turn(Station(name=name, lane=lane, make=lambda: work, **changes))

    return make


@pytest.fixture
def go(monkeypatch, tmp_path):
    """Runs a worker for some seconds; gives its exit code and how often its heart beat."""
    monkeypatch.setenv("RECOUP_HEARTBEAT_DIR", str(tmp_path))

    def run(*turns, seconds=1.0, then=lambda worker: None):
        worker = Worker(turns)
        worker._doorbell.run = lambda: None
        done = []
        thread = threading.Thread(target=lambda: done.append(worker.run()))
        thread.start()
        then(worker)
        time.sleep(seconds)
        beats = list(tmp_path.glob("worker-*"))
        age_s = time.time() - beats[0].stat().st_mtime if beats else None
        worker.stop()
        thread.join(10)
        return done[0], age_s

    return run


def test_every_station_has_its_round_without_being_called(turn, go):
    one, two = Count(), Count()

    code, age_s = go(turn(one), turn(two, name="two", lane="second", sweep_s=0.3), seconds=1.6)

    assert code == 0
    assert len(one.rounds) == 2
    assert len(two.rounds) >= 4
    assert age_s < 1.5


def test_a_full_batch_is_followed_by_the_next_at_once(turn, go):
    work = Count(10, 10, 10)

    go(turn(work, full=10), seconds=0.5)

    assert len(work.rounds) == 4


def test_a_rest_lets_work_collect(turn, go):
    work = Count(*[1] * 100)

    go(turn(work, rest_s=0.2), seconds=0.9)

    assert 2 <= len(work.rounds) <= 5


def test_a_heap_leaves_no_time_to_rest(turn, go):
    work = Count(*[50] * 5)

    go(turn(work, rest_s=30, heap=50), seconds=0.5)

    assert len(work.rounds) == 6


def test_a_bell_calls_only_the_stations_of_its_channel(turn, go):
    called, other = Count(), Count()

    def ring(worker):
        time.sleep(0.2)
        for lane in worker._lanes:
            lane.ring("recoup_answers")

    go(
        turn(called, channel="recoup_answers", sweep_s=60),
        turn(other, name="other", channel="recoup_cases", sweep_s=60),
        seconds=0.3,
        then=ring,
    )

    assert len(called.rounds) == 2
    assert len(other.rounds) == 1


def test_a_slow_station_holds_up_nobody_in_another_lane(turn, go):
    slow, quick = Count(takes_s=1.0), Count()

    go(turn(slow, lane="slow"), turn(quick, name="quick", lane="quick", sweep_s=0.1), seconds=1.0)

    assert len(quick.rounds) >= 3


def test_a_broken_station_stops_nobody_and_is_tried_less_and_less_often(turn, go):
    broken, well = Count(wrong=ValueError("poison")), Count()

    code, age_s = go(turn(broken), turn(well, name="well", sweep_s=0.1), seconds=3.0)

    assert code == 0
    assert len(well.rounds) >= 6
    assert 1 < len(broken.rounds) <= 3
    assert age_s < 1.5


def test_a_hung_station_silences_the_heart(turn, go):
    hung, well = Count(takes_s=4.0), Count()

    code, age_s = go(turn(hung, lane="hung", patience_s=0.2), turn(well, name="well", lane="well"), seconds=3.0)

    assert code == 0
    assert age_s is None or age_s > 2.0
    assert len(well.rounds) >= 2


def test_a_database_that_stays_away_ends_the_program(turn, go, monkeypatch):
    from django.db import OperationalError

    monkeypatch.setattr(program, "DATABASE_AWAY_S_MAX", 0.5)

    code, _ = go(turn(Count(wrong=OperationalError("no route"))), seconds=4.0)

    assert code == 1


def test_a_failed_statement_is_no_lost_database(turn, database):
    from django.db import OperationalError, connection

    connection.ensure_connection()

    assert not program._is_away(OperationalError("deadlock detected"))
    assert not program._is_away(ValueError())


def test_the_table_of_stations_names_work_that_exists(database):
    from recoup.config.stations import STATIONS

    assert len({station.name for station in STATIONS}) == len(STATIONS)
    assert all(callable(station.make()) for station in STATIONS)


def test_money_never_waits_in_the_lane_of_somebody_who_asks_the_world(database):
    from recoup.config.stations import STATIONS

    lanes = {station.name: station.lane for station in STATIONS}
    assert len({lanes["answers"], lanes["hears:cases"], lanes["cases"], lanes["messages"]}) == 4
    assert Lane is not None
