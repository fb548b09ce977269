"""Whoever finds a refund, and whoever does not, waits as long."""

from types import SimpleNamespace

import pytest

from recoup.web.shopper import even_time


@pytest.mark.parametrize(("took", "rests"), [(0.0, 0.2), (0.15, 0.05), (0.7, 0.0)])
def test_a_step_that_was_quick_rests_until_its_time_is_over(monkeypatch, took, rests):
    rested, moments = [], iter([10.0, 10.0 + took])
    clock = SimpleNamespace(monotonic=lambda: next(moments), sleep=rested.append)
    monkeypatch.setattr(even_time, "time", clock)

    with even_time.even_time():
        pass

    assert rested == [pytest.approx(rests)]


def test_a_refusal_comes_no_sooner(monkeypatch):
    rested, moments = [], iter([10.0, 10.0])
    monkeypatch.setattr(even_time, "time", SimpleNamespace(monotonic=lambda: next(moments), sleep=rested.append))

    with pytest.raises(ValueError, match="no"), even_time.even_time():
        raise ValueError("no")

    assert rested == [pytest.approx(even_time.STEP_S)]
