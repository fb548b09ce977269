"""Open pages are told that their case has changed; strangers, old tickets and too many pages are not let in."""

import http.client
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from recoup.config import ports

pytestmark = pytest.mark.slow
SOURCE = Path(__file__).resolve().parents[2] / "src"


@pytest.fixture(scope="module")
def live(cluster, tmp_path_factory):
    """The live program; at most three pages."""
    from django.conf import settings

    port, home = ports.free_port(), tmp_path_factory.mktemp("live")
    environment = {**os.environ, **cluster.environment("live"), "PYTHONPATH": str(SOURCE)}
    environment |= {
        "RECOUP_PORT": str(port),
        "RECOUP_HOST": "127.0.0.1",
        "RECOUP_HEARTBEAT_DIR": str(home),
        "RECOUP_SECRET_KEY": settings.SECRET_KEY,
        "RECOUP_LIVE_PAGES_MAX": "3",
    }
    with (home / "live.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "recoup.config.programs.live"], env=environment, stdout=log, stderr=log
        )
    process.port, process.home = port, home
    ends_at = time.monotonic() + 30
    while time.monotonic() < ends_at and _status(port, "/healthz") != 200:
        time.sleep(0.1)
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(10)


def _status(port, path):
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        door.request("GET", path)
        return door.getresponse().status
    except OSError:
        return None
    finally:
        door.close()


class Page:
    """A page that watches a case."""

    def __init__(self, port, path):
        self.door = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        self.door.request("GET", path, headers={"Origin": "http://127.0.0.1:8000"})
        self.answer = self.door.getresponse()

    def lines(self, count):
        return [self.answer.readline().decode().strip() for _ in range(count)]

    def close(self):
        self.answer.close()
        self.door.close()


@pytest.fixture
def ring(database, as_worker, noon):
    """Something happens to a case."""
    from recoup.access import tenancy
    from recoup.events import live as bells
    from recoup.events.queries import HeardEvent

    def happen(case_id, times=1):
        event = HeardEvent(
            id=1, tx=1, merchant_id=case_id, at=noon, kind="case.approved", subject_id=case_id, actor="t", data={}
        )
        for _ in range(times):
            with as_worker(), tenancy.every_merchant():
                bells.ring_pages([event], at=noon)

    return happen


@pytest.fixture
def path_of(cluster, monkeypatch):
    from django.conf import settings

    from recoup.events import queries

    monkeypatch.setattr(settings, "LIVE_URL", "http://127.0.0.1:1")

    def address(case_id):
        parts = urlsplit(queries.live_url(case_id=case_id, number="RC-1"))
        return f"{parts.path}?{parts.query}"

    return address


def test_a_page_hears_that_its_case_changed_and_nothing_else(live, ring, path_of):
    case_id = uuid.uuid4()
    page = Page(live.port, path_of(case_id))
    assert page.answer.status == 200
    assert page.answer.headers["Content-Type"].startswith("text/event-stream")
    assert page.answer.headers["Access-Control-Allow-Origin"] != "*"
    assert page.lines(3) == ["retry: 3000", ": open", ""]

    ring(uuid.uuid4())
    ring(case_id)

    assert page.lines(3) == ["event: changed", "data: 1", ""]
    page.close()


def test_a_thousand_changes_do_not_pile_up_for_a_slow_page(live, ring, path_of):
    case_id = uuid.uuid4()
    page = Page(live.port, path_of(case_id))
    page.lines(3)

    ring(case_id, times=30)
    time.sleep(0.5)

    heard = page.lines(3)
    assert heard[0] == "event: changed"
    page.close()


@pytest.mark.parametrize("ticket", ["", "?ticket=", "?ticket=forged", "?ticket=abc:def:ghi"])
def test_nobody_watches_without_a_ticket(live, ticket):
    assert _status(live.port, f"/cases/RC-1/events{ticket}") == 204


def test_no_more_pages_than_the_program_can_serve(live, path_of):
    pages = [Page(live.port, path_of(uuid.uuid4())) for _ in range(3)]
    refused = Page(live.port, path_of(uuid.uuid4()))

    assert [page.answer.status for page in pages] == [200, 200, 200]
    assert (refused.answer.status, refused.answer.headers["Retry-After"]) == (503, "30")
    for page in [*pages, refused]:
        page.close()


def test_it_beats_and_listens_again_after_its_connection_was_cut(live, ring, path_of, database):
    case_id = uuid.uuid4()
    ends_at = time.monotonic() + 5
    while (page := Page(live.port, path_of(case_id))).answer.status != 200 and time.monotonic() < ends_at:
        page.close()
        time.sleep(0.1)
    page.lines(3)
    with database.superuser() as knife:
        cut = knife.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'live'"
        ).fetchall()
    assert cut == [(True,)]

    assert page.lines(1) == ["event: changed"], "who may have missed something looks again"
    assert _status(live.port, "/healthz") == 200
    hearts = list(live.home.glob("live-*"))
    assert hearts
    assert max(time.time() - heart.stat().st_mtime for heart in hearts) < 3
    page.close()


def test_a_ticket_is_good_for_one_case_and_an_hour(cluster, path_of):
    from recoup.events import queries

    case_id = uuid.uuid4()
    ticket = path_of(case_id).partition("ticket=")[2].replace("%3A", ":")

    assert queries.case_of_ticket(ticket) == case_id
    assert queries.case_of_ticket(ticket[:-2] + "xx") is None
