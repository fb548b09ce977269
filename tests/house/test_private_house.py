"""Private houses: what the supervisor does with programs that die, hang or refuse, and that nothing stays behind."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from recoup.config.house import PROJECT
from recoup.config.private_house import PREFIX, PrivateHouse
from recoup.config.processes import wait_until
from recoup.config.refusals import NotHealthyInTime, ProgramFailed, UnknownProgram
from recoup.config.supervisor import Patience
from tests.house.conftest import processes_of
from tests.house.tiny import ROSTER

pytestmark = pytest.mark.slow


def tiny_house(**wishes):
    return PrivateHouse(programs=wishes.pop("programs", tuple(ROSTER)), roster=ROSTER, migrate=False, **wishes)


@pytest.fixture(scope="module")
def house():
    # The patience is short, so that a hanging program is found within the test.
    impatient = Patience(restart_seconds_max=0.2, beat_seconds_max=2.0)
    with tiny_house(copies={"worker": 2}, patience=impatient) as house:
        yield house


def test_every_program_is_there_and_well(house):
    assert {"postgres", "provider", "worker", "worker-2", "web"} <= set(house.running.programs)
    with urllib.request.urlopen(f"{house.running.web_url}/healthz") as answer:
        assert answer.status == 200
    assert "worker is here" in house.log("worker-2").read_text()


@pytest.mark.parametrize("name", ["web", "worker-2", "provider"])
def test_a_killed_program_is_started_again(house, name):
    first, restarts = house.process(name).pid, house.restarts(name)
    house.kill(name)
    house.wait_until_well(name, seconds=15)
    assert house.process(name).pid != first
    assert house.restarts(name) == restarts + 1
    assert house.house.running().programs[name].pid == house.process(name).pid, "run.json tells of the new one"


def test_a_program_that_hangs_is_killed_and_started_again(house):
    house.wait_until_well("worker")
    hung = house.process("worker")
    house.pause("worker")
    assert wait_until(lambda: not hung.is_running(), seconds=15)
    house.wait_until_well("worker", seconds=15)
    assert any("worker has given no sign of life" in line for line in house.told)


def test_a_program_that_is_resumed_in_time_is_left_alone(house):
    house.wait_until_well("worker-2")
    paused = house.process("worker-2")
    house.pause("worker-2")
    assert wait_until(lambda: paused.status() == psutil.STATUS_STOPPED, seconds=5)
    time.sleep(0.5)
    house.resume("worker-2")
    time.sleep(2.5)
    assert house.process("worker-2").pid == paused.pid


def test_a_stopped_program_stays_away_until_it_is_started_with_new_settings(house):
    house.stop("worker")
    time.sleep(0.6)
    with pytest.raises(psutil.NoSuchProcess):
        house.process("worker")

    house.start("worker", settings={"RECOUP_CRASHPOINTS": "after_claim:3"})
    assert house.process("worker").environ()["RECOUP_CRASHPOINTS"] == "after_claim:3"
    assert "RECOUP_CRASHPOINTS" not in house.process("web").environ()


def test_another_copy_joins_while_the_house_is_open(house):
    house.start("worker-3")
    assert house.process("worker-3").environ()["RECOUP_PROGRAM"] == "worker"
    house.stop("worker-3")


def test_children_of_a_killed_program_go_with_it(house):
    house.restart("worker", settings={"TINY_CHILD": "1"})
    (child,) = house.process("worker").children()
    house.kill("worker")
    assert wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, seconds=5)
    house.restart("worker", settings={})


def test_processor_time_is_counted(house):
    house.wait_until_well("web")
    assert house.cpu_seconds("web", "postgres") > 0


def test_an_unknown_program_is_refused_before_anything_starts():
    with pytest.raises(UnknownProgram):
        PrivateHouse(programs=["kitchen"])


def test_a_program_that_ends_at_once_is_named_with_its_last_words_and_nothing_is_left():
    with (
        pytest.raises(ProgramFailed, match=r"(?s)worker ended while it was starting.*the default secret is refused"),
        tiny_house(program_settings={"worker": {"TINY_REFUSE": "the default secret is refused"}}),
    ):
        pytest.fail("the house must not open")
    assert left_behind() == []


def test_nothing_is_left_when_the_block_raises():
    with contextlib.suppress(KeyboardInterrupt), tiny_house() as house:
        data_dir = house.data_dir
        assert len(processes_of(data_dir)) >= 4
        raise KeyboardInterrupt
    assert not data_dir.exists()
    assert processes_of(data_dir) == []


#: A shell that runs us in the background has us ignore Ctrl-C, and so would the owner; a terminal's would not.
OWNER = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from tests.house.test_private_house import tiny_house

with tiny_house() as house:
    print(house.data_dir, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_owner_however_it_ends(number):
    owner = subprocess.Popen([sys.executable, "-c", OWNER], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    with owner:
        data_dir = Path(owner.stdout.readline().strip())
        assert len(processes_of(data_dir)) >= 4
        owner.send_signal(number)
        owner.wait(timeout=30)
    assert wait_until(lambda: processes_of(data_dir) == [], seconds=20)
    if number is signal.SIGKILL:  # Nobody was left to tidy up: the next house does, after a minute.
        os.utime(data_dir, (0, 0))
        with tiny_house(programs=()):
            pass
    assert not data_dir.exists()


def test_who_is_never_well_is_named_in_time(house):
    house.stop("web")
    with pytest.raises(NotHealthyInTime, match="web was not healthy"):
        house.wait_until_well("web", seconds=0.3)
    house.start("web")


def test_the_pause_before_a_restart_grows_to_its_limit():
    pauses = [Patience().before_restart(failures) for failures in (1, 2, 3, 6, 7, 1000)]
    assert pauses == [0.2, 0.4, 0.8, 6.4, 10.0, 10.0]


def left_behind():
    return [path for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if processes_of(path) == [] and mine(path)]


def mine(path):
    """Other people's houses on this machine are theirs; ours of this test held no lock and are seconds old."""
    try:
        with (path / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return time.time() - path.stat().st_mtime < 30
