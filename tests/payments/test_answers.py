"""Answers are applied once, under their fence, by as many workers as there are."""

import threading

import pytest

from recoup.kernel import ids
from tests.payments.market import apply_all, as_role, now, vault_running

pytestmark = pytest.mark.slow


def answer(market, payout, outcome="succeeded", *, fence=None, epoch=None, refund="re_told", amount=None):
    row = market.payout(payout)
    market.run(
        "INSERT INTO payments_answer (merchant_id, payout_id, fence, epoch, outcome, provider_refund_id, amount_minor,"
        " currency, at) VALUES (%s, %s, %s, %s, %s, %s, %s, 'GBP', now())",
        market.merchant_id,
        payout,
        row.fence if fence is None else fence,
        row.epoch if epoch is None else epoch,
        outcome,
        f"{refund}_{payout.hex}" if refund else None,
        (row.amount_minor if amount is None else amount) if refund else None,
    )


def claimed(market, payout):
    """As a vault has it in its hands."""
    market.run(
        "UPDATE payments_payout SET state = 'submitting', fence = fence + 1, tries = tries + 1,"
        " lease_until = now() + interval '15 s', next_at = now() + interval '15 s', submitted_at = now() WHERE id = %s",
        payout,
    )


def test_the_same_answer_twice_pays_once(market, house):
    payout = market.owe(1000)
    claimed(market, payout)
    answer(market, payout)
    answer(market, payout)

    apply_all(house)

    assert market.capture_of(payout) == (0, 1000)
    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 0)]
    assert market.events(payout) == ["payout.accepted", "payout.succeeded"]


def test_eight_workers_apply_two_hundred_answers_once_each(market, house):
    from recoup.payments import actions

    capture = market.capture(100_000)
    payouts = market.reserve(capture, *[100] * 200)
    market.run(
        "UPDATE payments_payout SET state = 'submitting', fence = 1, lease_until = now() + interval '15 s'"
        " WHERE merchant_id = %s",
        market.merchant_id,
    )
    for payout in payouts:
        answer(market, payout, fence=1)
    barrier = threading.Barrier(8)
    trouble = []

    def work():
        from django.db import connection

        try:
            barrier.wait()
            while actions.apply_answers(at=now(), limit=7):
                pass
        except Exception as problem:  # noqa: BLE001 - told in the main thread
            trouble.append(problem)
        finally:
            connection.close()

    with as_role(house, "recoup_worker"):
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert trouble == []
    row = market.row("payments_capture", capture)
    assert (row.reserved_minor, row.paid_minor) == (0, 20_000)
    assert market.balance("provider_balance") == -20_000


def test_a_zombies_success_moves_nothing_and_makes_us_look(market, house):
    payout = market.owe(1000)
    claimed(market, payout)
    answer(market, payout, fence=0)

    apply_all(house)

    row = market.payout(payout)
    assert (row.state, row.look_up) == ("submitting", True)
    assert row.lease_until is not None
    assert market.capture_of(payout) == (1000, 0)


def test_an_old_attempts_success_does_not_pay_the_new_attempt(market, house):
    """Paying, failed, approved again, paying: an old worker wakes up with what it heard in the first round (F-07)."""
    from recoup.payments import actions

    payout = market.owe(1000)
    claimed(market, payout)
    answer(market, payout, "rejected", refund=None)
    apply_all(house)
    actions.retry_payout(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())
    claimed(market, payout)
    answer(market, payout, "succeeded", fence=1, epoch=0)

    apply_all(house)

    row = market.payout(payout)
    assert (row.state, row.epoch) == ("submitting", 1)
    assert row.parked_at is not None
    assert market.capture_of(payout) == (1000, 0)
    assert market.events(payout) == ["payout.failed", "payout.retried", "payout.parked"]


def test_a_success_told_by_a_zombie_after_the_truth_was_found_changes_nothing(market, house):
    payout = market.owe(1000)
    claimed(market, payout)
    answer(market, payout)
    apply_all(house)
    answer(market, payout, fence=0)

    apply_all(house)

    assert market.payout(payout).state == "succeeded"
    assert market.payout(payout).parked_at is None
    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 0)]


def test_a_refund_that_belongs_to_another_payout_is_not_booked_again(market, house):
    one, two = market.reserve(market.capture(1000), 500, 500)
    for payout in (one, two):
        claimed(market, payout)
    answer(market, one)
    apply_all(house)
    taken = market.payout(one).provider_refund_id
    answer(market, two)
    market.run("UPDATE payments_answer SET provider_refund_id = %s WHERE payout_id = %s", taken, two)

    apply_all(house)

    assert market.payout(two).parked_at is not None
    assert market.journals(two) == [("payout.reserved", 0)]


def test_an_answer_that_nobody_can_apply_parks_its_payout_and_holds_up_no_other(market, house):
    bad, good = market.owe(1000), market.owe(1000)
    for payout in (bad, good):
        claimed(market, payout)
    answer(market, bad, "abracadabra")
    answer(market, good)

    apply_all(house)

    assert market.payout(good).state == "succeeded"
    assert market.payout(bad).parked_at is not None
    assert market.events(bad) == ["payout.parked"]


def test_a_wish_to_look_that_came_during_the_call_is_kept(market, house):
    from recoup.payments import actions

    payout = market.owe(1000)
    claimed(market, payout)
    assert actions.look_up_now(merchant_id=market.merchant_id, payout_id=payout)
    answer(market, payout)

    apply_all(house)

    row = market.payout(payout)
    assert (row.state, row.look_up) == ("succeeded", True)
    assert row.next_at <= now()


def test_an_answer_nobody_has_applied_keeps_its_payout_from_being_claimed_again(market, house):
    payout = market.owe(1000)
    with vault_running(house):
        _until(lambda: market.outcomes(payout))
        market.lease_ends(payout)
        _pause(1.3)
        assert market.outcomes(payout) == ["succeeded"]
        market.settle(payout)


def test_want_of_funds_is_asked_about_less_and_less_often_though_each_time_is_a_new_attempt(market, house):
    payout = market.owe(1000)
    waits = []
    for _ in range(3):
        claimed(market, payout)
        answer(market, payout, "no_funds", refund=None)
        apply_all(house)
        query = "SELECT round(extract(epoch FROM next_at - now()) / 60)::int FROM payments_payout WHERE id = %s"
        waits.append(market.rows(query, payout)[0][0])

    assert waits == [1, 5, 15]
    assert market.payout(payout).epoch == 3
    assert market.events(payout) == ["payout.awaiting_funds"]


def test_another_merchants_payout_is_not_there(market, house):
    from recoup.payments import actions

    payout = market.owe(1000)

    with pytest.raises(actions.PayoutNotThere):
        actions.cancel_payout(merchant_id=ids.uuid7(), payout_id=payout, by="person:1", at=now())


def _until(condition):
    import time

    until = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def _pause(seconds):
    import time

    time.sleep(seconds)
