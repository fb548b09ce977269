"""When a message is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from recoup.callbacks import schedule

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_waits_grow_and_the_ninth_is_the_last():
    waits = [schedule.wait_s(tries=tries, chance=0.0) for tries in range(1, 11)]

    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, None]


def test_chance_makes_a_wait_longer_by_a_fifth_at_most():
    assert schedule.wait_s(tries=2, chance=1.0) == 360
    assert 300 < schedule.wait_s(tries=2, chance=0.5) < 360


def test_a_receiver_may_ask_for_more_patience_but_not_for_less():
    assert schedule.wait_s(tries=1, chance=0.0, retry_after_s=900) == 900
    assert schedule.wait_s(tries=3, chance=0.0, retry_after_s=1) == 1800
    assert schedule.wait_s(tries=1, chance=0.0, retry_after_s=10**9) == 86_400


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("999999999999999999999", 86_400),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("1.5", None),
    ],
)
def test_a_retry_after_is_read_as_a_number_or_a_date(header, seconds):
    assert schedule.retry_after_s(header, at=NOON) == seconds


def test_an_endpoint_is_given_up_after_five_days():
    assert not schedule.is_hopeless(failing_since=None, at=NOON)
    assert not schedule.is_hopeless(failing_since=NOON - timedelta(days=4.99), at=NOON)
    assert schedule.is_hopeless(failing_since=NOON - timedelta(days=5), at=NOON)
