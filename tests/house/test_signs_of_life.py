"""Heartbeats and logs: the two things a program leaves for those who look after it."""

import os

import pytest

from recoup.config import logs
from recoup.kernel import heartbeat


@pytest.fixture
def beats(tmp_path, monkeypatch):
    monkeypatch.setenv("RECOUP_HEARTBEAT_DIR", str(tmp_path / "heartbeats"))
    monkeypatch.setattr(heartbeat, "_beaten", {})
    return tmp_path / "heartbeats" / f"worker-{os.getpid()}"


def test_a_beat_is_a_fresh_file_by_the_programs_name_and_number(beats):
    heartbeat.beat("worker")
    assert beats.exists()


def test_a_busy_loop_touches_the_file_seldom(beats):
    heartbeat.beat("worker")
    os.utime(beats, (1, 1))
    for _ in range(100):
        heartbeat.beat("worker")
    assert beats.stat().st_mtime == 1


def test_a_program_without_a_supervisor_beats_for_nobody(beats, monkeypatch):
    monkeypatch.delenv("RECOUP_HEARTBEAT_DIR")
    heartbeat.beat("worker")
    assert not beats.exists()


def test_a_long_log_is_moved_aside_and_goes_on_in_the_same_open_file(tmp_path):
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as program:
        for number in range(6):
            program.write(f"day {number}\n".encode() * 20)
            logs.rotate(log, size_max=100)
        program.write(b"today\n")
    assert log.read_text() == "today\n"
    assert [(tmp_path / f"web.log.{n}").read_text()[:5] for n in (1, 2, 3)] == ["day 5", "day 4", "day 3"]
    assert not (tmp_path / "web.log.4").exists()


def test_the_end_of_a_log_is_only_what_was_written_since(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("yesterday\n")
    since = log.stat().st_size
    with log.open("a") as program:
        program.write("one\ntwo\nthree\n")
    assert logs.tail(log, lines=2, since=since) == "two\nthree"
    assert logs.tail(log, lines=9, since=since) == "one\ntwo\nthree"
    assert logs.tail(tmp_path / "none.log", lines=9) == ""
