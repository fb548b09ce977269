"""What is in the log of a program, and what never is."""

import io
import json
import logging
import sys

import pytest
import structlog

from recoup.config import log as logs


@pytest.fixture
def lines(monkeypatch):
    """Sets the log up and gives what was written."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before = root.handlers, root.level
    logs.set_up("test")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_a_line_is_one_object_with_time_level_and_program(lines):
    structlog.get_logger("recoup.x").info("claimed", case="RC-7K3M-9QXD-4", rows=3, amount_minor=1250)

    (line,) = lines()
    assert line["event"] == "claimed"
    assert (line["program"], line["level"], line["rows"]) == ("test", "info", 3)
    assert line["case"] == "RC-7K3M-9QXD-4"
    assert line["amount_minor"] == 1250
    assert line["at"].endswith("Z")


@pytest.mark.parametrize(
    "told",
    [
        {"email": "MARKER"},
        {"to_address": "MARKER"},
        {"api_key": "MARKER"},
        {"headers": {"authorization": "MARKER"}},
        {"shopper_name": "MARKER"},
        {"why": "mailbox MARKER@shop.example is full"},
        {"why": "key sk_test_MARKER0123 was refused"},
        {"why": "Authorization: Bearer MARKER.abc.def"},
        {"url": "http://x/cases/RC-1?ticket=MARKER&a=1"},
        {"url": "postgresql://recoup:MARKER@127.0.0.1/recoup"},
        {"list": [{"token": "MARKER"}]},
    ],
)
def test_nothing_personal_and_nothing_secret_is_written(lines, told):
    structlog.get_logger("recoup.x").warning("something", **told)

    assert "MARKER" not in json.dumps(lines())


def test_numbers_of_cards_and_telephones_are_hidden_wherever_they_stand():
    assert "4111" not in logs.hidden_in("card 4111 1111 1111 1111 was shown")
    assert "9123" not in logs.hidden_in("call +65 9123 4567")
    assert logs.hidden_in("case RC-7K3M-9QXD-4 of 2026-11-22") == "case RC-7K3M-9QXD-4 of 2026-11-22"
    an_id = "019a8b1e-7c3d-7a2b-9f00-123456789012"
    assert logs.hidden_in(f"payout {an_id}") == f"payout {an_id}"


def test_what_libraries_log_passes_the_same_door(lines):
    logging.getLogger("some.library").error("sent to %s", "marker@shop.example")
    try:
        raise ValueError("no mailbox marker@shop.example")
    except ValueError:
        logging.getLogger("some.library").exception("it failed")

    said = lines()
    assert len(said) == 2
    assert "marker@" not in json.dumps(said)
    assert "ValueError" in said[1]["exception"]
