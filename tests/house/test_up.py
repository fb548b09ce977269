"""The manners of `bin/up` and `bin/down`, with tiny programs: refusals, progress, the background, kill -9, Ctrl-C."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from recoup.config import ports
from recoup.config.house import PROJECT, House
from recoup.config.processes import wait_until
from tests.house.conftest import processes_of

pytestmark = pytest.mark.slow


def command(data_dir, port, *options):
    return [sys.executable, "-m", "tests.house.tiny_up", "--data-dir", str(data_dir), "--port", str(port), *options]


def up(data_dir, port, *options):
    return subprocess.run(command(data_dir, port, *options), cwd=PROJECT, capture_output=True, text=True, check=False)


def down(data_dir):
    return subprocess.run(
        [PROJECT / "bin" / "down", "--data-dir", data_dir], capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.fixture
def data_dir(tmp_path):
    yield tmp_path / "recoup"
    down(tmp_path / "recoup")
    assert processes_of(tmp_path / "recoup") == []


def is_healthy(port):
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        return answer.status == 200
    return False


def test_detached_it_comes_back_healthy_and_down_stops_it(data_dir, free_port):
    started = up(data_dir, free_port, "--detach")

    assert started.returncode == 0, started.stdout
    assert is_healthy(free_port)
    assert f"http://127.0.0.1:{free_port}" in started.stdout
    assert "bin/down" in started.stdout
    running = House(data_dir).running()
    assert running.state == "ready"
    assert set(running.programs) == {"postgres", "provider", "worker", "web"}

    stopped = down(data_dir)
    assert (stopped.returncode, "has stopped" in stopped.stdout) == (0, True)
    assert processes_of(data_dir) == []
    assert House(data_dir).running() is None
    again = down(data_dir)
    assert (again.returncode, "No Recoup is running" in again.stdout) == (0, True)


def test_the_second_start_keeps_everything_and_is_quick(data_dir, free_port):
    assert up(data_dir, free_port, "--detach").returncode == 0
    before = House(data_dir).running().ports, (data_dir / "secrets.json").read_text()
    down(data_dir)

    started_at = time.monotonic()
    assert up(data_dir, free_port, "--detach").returncode == 0
    assert time.monotonic() - started_at < 5
    assert (House(data_dir).running().ports, (data_dir / "secrets.json").read_text()) == before


def test_a_running_house_is_not_opened_twice(data_dir, free_port):
    up(data_dir, free_port, "--detach")
    second = up(data_dir, ports.free_port(avoid=[free_port]))
    assert second.returncode == 1
    assert f"running on {data_dir} already, at http://127.0.0.1:{free_port}" in second.stdout
    assert is_healthy(free_port), "the first is not disturbed"


def test_a_taken_port_is_refused_and_nothing_is_left(data_dir, free_port):
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", free_port))
        somebody.listen()
        refused = up(data_dir, free_port, "--detach")
    assert refused.returncode == 1
    assert f"port {free_port} is taken by process {psutil.Process().pid}" in refused.stdout
    assert processes_of(data_dir) == []


BROKEN = """
import sys
from dataclasses import replace
from recoup.config import up
from tests.house.tiny import ROSTER
web = replace(ROSTER["web"], command=("-c", "import sys; sys.exit('DEBUG is refused in production')"))
sys.exit(up.main(roster=ROSTER | {"web": web}, with_database_work=False))
"""
ELSEWHERE = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from recoup.config import up
from tests.house.tiny import ROSTER
sys.exit(up.main(roster=ROSTER, with_database_work=False))
"""


def run_script(script, *options, cwd=PROJECT):
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, options)], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_a_program_that_refuses_to_start_is_quoted(data_dir, free_port):
    refused = run_script(BROKEN, "--data-dir", data_dir, "--port", free_port)
    assert refused.returncode == 1
    assert "web ended while it was starting" in refused.stdout
    assert "DEBUG is refused in production" in refused.stdout
    assert processes_of(data_dir) == []


def test_programs_hear_nothing_of_the_terminal_but_settings(data_dir, free_port, monkeypatch):
    monkeypatch.setenv("TINY_REFUSE", "heard")
    monkeypatch.setenv("RECOUP_WEB_WORKERS", "3")
    monkeypatch.setenv("RECOUP_VAULT_KEY_FILE", "/etc/hostname")
    assert up(data_dir, free_port, "--detach").returncode == 0
    told = psutil.Process(House(data_dir).running().programs["web"].pid).environ()
    assert told["RECOUP_WEB_WORKERS"] == "3"
    assert "RECOUP_VAULT_KEY_FILE" not in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_in_the_foreground_one_signal_stops_everything(data_dir, free_port, number):
    with subprocess.Popen(command(data_dir, free_port), cwd=PROJECT, stdout=subprocess.PIPE, text=True) as house:
        assert wait_until(lambda: is_healthy(free_port), seconds=30)
        assert wait_until(lambda: House(data_dir).running().state == "ready", seconds=30)
        house.send_signal(number)
        said = house.communicate(timeout=60)[0]
    assert house.returncode == 0
    assert "Recoup is running" in said
    assert "stopped; the data is kept" in said
    assert processes_of(data_dir) == []


def test_ctrl_c_while_it_starts_leaves_nothing(data_dir, free_port):
    with subprocess.Popen(command(data_dir, free_port), cwd=PROJECT, stdout=subprocess.PIPE, text=True) as house:
        assert wait_until((data_dir / "postgres").exists, seconds=30, every=0.01)
        house.send_signal(signal.SIGINT)
        said = house.communicate(timeout=60)[0]
    assert house.returncode == 130
    assert "nothing is left running" in said
    assert processes_of(data_dir) == []
    assert up(data_dir, free_port, "--detach").returncode == 0


def test_the_supervisor_restarts_what_dies_in_the_background(data_dir, free_port):
    up(data_dir, free_port, "--detach")
    first = House(data_dir).running().programs["web"].pid
    psutil.Process(first).kill()
    assert wait_until(lambda: House(data_dir).running().programs.get("web", None) is not None, seconds=10)
    assert wait_until(lambda: House(data_dir).running().programs["web"].pid != first, seconds=10)
    assert wait_until(lambda: is_healthy(free_port), seconds=10)
    log = (data_dir / "logs" / "supervisor.log").read_text()
    assert "web ended (killed by SIGKILL); starting it again in 0.2 s" in log


def test_after_kill_9_of_the_supervisor_nobody_stays_and_the_next_start_recovers(data_dir, free_port):
    up(data_dir, free_port, "--detach")
    psutil.Process(House(data_dir).running().supervisor.pid).kill()
    assert wait_until(lambda: processes_of(data_dir) == [], seconds=20), "told of its death, they ended by themselves"

    assert up(data_dir, free_port, "--detach").returncode == 0
    assert is_healthy(free_port)


def test_programs_that_did_not_hear_of_the_death_are_stopped_by_the_next_start(data_dir, free_port):
    up(data_dir, free_port, "--detach")
    programs = House(data_dir).running().programs
    # Stopped, they take no notice of anything.
    deaf = [psutil.Process(programs[name].pid) for name in ("web", "worker", "postgres")]
    for process in deaf:
        process.suspend()
    psutil.Process(House(data_dir).running().supervisor.pid).kill()
    time.sleep(0.5)
    assert all(process.is_running() for process in deaf)

    assert up(data_dir, free_port, "--detach").returncode == 0
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in deaf)
    assert is_healthy(free_port)


def test_down_stops_what_a_killed_supervisor_left(data_dir, free_port):
    up(data_dir, free_port, "--detach")
    running = House(data_dir).running()
    psutil.Process(running.programs["worker"].pid).suspend()
    psutil.Process(running.supervisor.pid).kill()
    time.sleep(0.5)
    stopped = down(data_dir)
    # On a quick machine all of them have ended with their supervisor before anybody looks.
    assert any(words in stopped.stdout for words in ("had lost its supervisor", "No Recoup is running"))
    assert stopped.returncode == 0
    assert processes_of(data_dir) == []


def test_the_doors_beside_a_taken_one_move(data_dir, free_port):
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", free_port + 1))
        somebody.listen()
        assert up(data_dir, free_port, "--detach").returncode == 0
        running = House(data_dir).running()
    assert running.ports.live != free_port + 1
    assert running.live_url == f"http://127.0.0.1:{running.ports.live}"


def test_the_demo_worlds_sign_ins_are_shown(data_dir, free_port):
    up(data_dir, free_port, "--detach")
    down(data_dir)
    sign_ins = [{"who": "Ines, reviewer", "email": "ines@kite.example", "password": "kite[1]"}]
    (data_dir / "demo.json").write_text(
        json.dumps({"sign_ins": sign_ins, "notes": "Codes arrive at the town's inbox."})
    )
    shown = up(data_dir, free_port, "--detach").stdout
    for words in ("sign ins", "Ines, reviewer", "ines@kite.example", "kite[1]", "Codes arrive"):
        assert words in shown, shown


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_what_people_copy_is_shown_whole_in_a_terminal_of_any_width(data_dir, free_port, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    key, email = "rk_" + "k" * 43, "a.very.long.name.indeed@a-company-with-a-long-name.example"
    up(data_dir, free_port, "--detach")
    down(data_dir)
    told = {
        "sign_ins": [{"who": "Somebody whose name is long, reviewer", "email": email, "password": "p" * 16}],
        "api_keys": [{"company": "A Company With A Long Name", "slug": "a-company-with-a-long-name", "key": key}],
    }
    (data_dir / "demo.json").write_text(json.dumps(told))

    shown = up(data_dir, free_port, "--detach").stdout

    for words in (key, email, "p" * 16, "a-company-with-a-long-name", f"http://127.0.0.1:{free_port}"):
        assert words in shown, shown
    assert "…" not in shown


def test_a_start_from_anywhere_with_a_relative_directory(tmp_path, free_port):
    """Relative to where the person stands, not to the project."""
    options = ["--data-dir", "here", "--port", free_port, "--detach"]
    done = run_script(ELSEWHERE, PROJECT, *options, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "here" / "run.json").exists()
    assert "bin/down --data-dir here" in done.stdout
    down(tmp_path / "here")
