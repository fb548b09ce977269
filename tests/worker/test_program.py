"""The worker as a program: started as the supervisor starts it, on a real database and a real mail server."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.notifications.conftest import post  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow
SOURCE = Path(__file__).resolve().parents[2] / "src"


@pytest.fixture
def worker(database, tmp_path, post):  # noqa: F811 - a fixture
    """Starts workers; those that are still there are killed in the end."""
    from django.conf import settings

    started = []

    def start(**changes):
        environment = {**os.environ, **database.environment("worker"), "PYTHONPATH": str(SOURCE)}
        environment |= {
            "RECOUP_HEARTBEAT_DIR": str(tmp_path / "hearts"),
            "RECOUP_SMTP_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
            **changes,
        }
        with (tmp_path / f"worker-{len(started)}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "recoup.config.programs.worker"], env=environment, stderr=log, stdout=log
            )
        process.log_path = tmp_path / f"worker-{len(started)}.log"
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def until(condition, seconds=60.0):
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def write_by_hand(database, shop):
    """A message as somebody might write it into the table: no notification."""

    def write(address):
        with database.superuser() as hand:
            hand.execute(
                "INSERT INTO notifications_message (id, merchant_id, case_id, template, mark, to_address, locale,"
                " context, subject, created_at, message_ref, problem, next_at, fence, tries)"
                " VALUES (gen_random_uuid(), %s, gen_random_uuid(), 'withdrawn', '', %s, 'en', '{\"number\": \"R\"}',"
                " '', now(), '', '', now(), 0, 0)",
                [shop.id, address],
            )

    return write


def beats(tmp_path, process):
    heart = tmp_path / "hearts" / f"worker-{process.pid}"
    return heart.exists() and time.time() - heart.stat().st_mtime < 3


def test_a_row_written_by_hand_is_found_and_a_told_worker_ends_well(worker, write_by_hand, post, tmp_path):  # noqa: F811
    process = worker()
    assert until(lambda: beats(tmp_path, process)), process.log_path.read_text()

    write_by_hand("hand@shop.example")

    assert until(lambda: post.to("hand@shop.example")), process.log_path.read_text()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert '"event": "stopped"' in process.log_path.read_text()


def test_a_worker_whose_connections_are_cut_goes_on(worker, write_by_hand, post, tmp_path, database):  # noqa: F811
    process = worker()
    assert until(lambda: beats(tmp_path, process)), process.log_path.read_text()

    with database.superuser() as knife:
        cut = knife.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'worker%'"
        ).fetchone()
    write_by_hand("cut@shop.example")

    assert cut[0] >= 3
    assert until(lambda: post.to("cut@shop.example")), process.log_path.read_text()
    assert process.poll() is None


def test_no_name_no_address_and_no_key_is_in_its_log(worker, write_by_hand, post, tmp_path, database):  # noqa: F811
    # Whatever other tests left in the queue may be sent before it: all of it is refused.
    post.answers = ["550 5.1.1 <marker@shop.example> is unknown"] * 10_000
    process = worker()
    write_by_hand("marker@shop.example")

    def is_parked():
        with database.superuser() as look:
            return look.execute(
                "SELECT 1 FROM notifications_message WHERE to_address = 'marker@shop.example' AND parked_at IS NOT NULL"
            ).fetchone()

    assert until(is_parked), process.log_path.read_text()
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    post.answers.clear()
    said = process.log_path.read_text()
    assert "mail server answered 550" in said
    assert "marker@" not in said
    assert psycopg.conninfo.conninfo_to_dict(database.database_url("worker"))["password"] not in said
