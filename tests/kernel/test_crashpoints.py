"""Practice builds die where they are told to, and nowhere else."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
PROGRAM = """
from recoup.kernel.crashpoints import crashpoint
for turn in range(5):
    crashpoint("here")
    crashpoint("there")
    print(turn, flush=True)
"""


def _run(tmp_path, plan=None):
    environment = {**os.environ, "PYTHONPATH": str(SRC), "RECOUP_CRASHPOINT_DIARY": str(tmp_path / "diary")}
    environment.pop("RECOUP_CRASHPOINTS", None)
    if plan is not None:
        environment["RECOUP_CRASHPOINTS"] = plan
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    diary = tmp_path / "diary"
    return done.returncode, done.stdout.split(), diary.read_text() if diary.exists() else ""


def test_without_a_plan_nobody_dies(tmp_path):
    assert _run(tmp_path) == (0, ["0", "1", "2", "3", "4"], "")


def test_the_third_time_past_the_named_place_is_the_last(tmp_path):
    assert _run(tmp_path, "there:3") == (-signal.SIGKILL, ["0", "1"], "there\n")


def test_a_certain_chance_kills_at_once(tmp_path):
    assert _run(tmp_path, "elsewhere:1|here:1.0") == (-signal.SIGKILL, [], "here\n")


@pytest.mark.parametrize("plan", ["", "elsewhere:1", "here:0.0", "here:6"])
def test_a_plan_that_never_comes_true_changes_nothing(tmp_path, plan):
    assert _run(tmp_path, plan)[:2] == (0, ["0", "1", "2", "3", "4"])


def test_one_that_is_told_to_stop_freezes_there_and_goes_on_when_it_is_woken(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(SRC), "RECOUP_CRASHPOINTS": "there:3:stop"}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        time.sleep(0.1)
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, said.split()) == (0, ["0", "1", "2", "3", "4"])
