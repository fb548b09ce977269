"""A worker of the web that hangs is found and replaced, though its door still opens for the other one."""

import os
import signal
import threading
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from recoup.config.programs import web_pulse
from recoup.config.programs.web_pulse import Pulse, Watch


def test_a_worker_moves_while_a_thread_is_free_or_something_began_lately():
    held, inside = threading.Event(), threading.Semaphore(0)

    def slow(environ, start_response):
        inside.release()
        held.wait(20)
        return []

    pulse = Pulse(slow, threads=2)
    now = time.monotonic()
    assert pulse.is_moving(now=now)

    callers = [threading.Thread(target=pulse, args=({}, None)) for _ in range(2)]
    callers[0].start()
    assert inside.acquire(timeout=20)
    assert pulse.is_moving(now=now + 1000), "one thread is free"
    callers[1].start()
    assert inside.acquire(timeout=20)
    assert pulse.is_moving(now=time.monotonic())
    assert not pulse.is_moving(now=time.monotonic() + web_pulse.BUSY_S_MAX + 1)

    held.set()
    for caller in callers:
        caller.join(20)
    assert pulse.is_moving(now=time.monotonic() + 1000)


def test_a_request_that_fails_leaves_its_thread_free():
    def broken(environ, start_response):
        raise ValueError("broken")

    pulse = Pulse(broken, threads=1)
    with pytest.raises(ValueError, match="broken"):
        pulse({}, None)
    assert pulse.is_moving(now=time.monotonic() + 1000)


def test_silence_is_counted_from_the_last_beat_that_was_seen(tmp_path):
    watch, file = Watch(tmp_path, silent_s_max=20), web_pulse.beat_of(7, directory=tmp_path)

    assert not watch.is_silent(7, now=0)
    assert not watch.is_silent(7, now=59), "it may still be starting"
    file.touch()
    assert not watch.is_silent(7, now=61)
    assert not watch.is_silent(7, now=80)
    os.utime(file, (1, 1))
    assert not watch.is_silent(7, now=90), "it beat again"
    assert watch.is_silent(7, now=111)


@pytest.mark.slow
def test_a_worker_that_is_stopped_is_ended_and_another_one_serves(tmp_path):
    from recoup.config.private_house import PrivateHouse

    settings = {"web": {"RECOUP_WEB_SILENT_S": "3", "RECOUP_WEB_WORKERS": "2"}}
    with PrivateHouse(programs=("web",), program_settings=settings) as house:
        until = time.monotonic() + 60
        while len(_workers(house)) < 2:
            assert time.monotonic() < until, "one of the two workers never began to beat"
            time.sleep(0.2)
        frozen = min(_workers(house))
        os.kill(frozen, signal.SIGSTOP)

        until = time.monotonic() + 90
        while frozen in _workers(house) or len(_workers(house)) < 2:
            assert time.monotonic() < until, "the frozen worker was not replaced"
            time.sleep(0.5)

        for _ in range(20):
            with urlopen(f"{house.running.web_url}/healthz", timeout=20) as answer:
                assert answer.status == 200


def _workers(house):
    """The web's workers that have begun to beat and are there still."""
    beats = Path(house.environment("web")["RECOUP_HEARTBEAT_DIR"]).glob("web_worker_*")
    pids = {int(beat.name.rpartition("_")[2]) for beat in beats}
    return {pid for pid in pids if _is_there(pid)}


def _is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except FileNotFoundError:
        return False
