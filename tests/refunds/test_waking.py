"""Cases whose clock has come: taken once, by one worker, and never for ever."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from recoup.refunds.policy import OrderStatus
from tests.refunds.asking import again, ask, ask_in_review, claimed_units, do, events_of, rows


@pytest.fixture
def connected(shop):
    """A shop whose own system can be asked for orders."""
    from recoup.merchants import actions as merchants

    merchants.connect_orders(
        merchant_id=shop.id, url="http://127.0.0.1:1/{number}", key="k", by="test", at=shop.now
    )  # fmt: skip
    return shop


def due(shop, case, since_s=1):
    rows(shop, f"UPDATE refunds_case SET wake_at = now() - interval '{since_s} s' WHERE id = %s RETURNING 1", case.id)


def take(as_worker, shop):
    from recoup.refunds import actions

    with as_worker():
        return [one for one in actions.take_wake_ups(limit=500) if one.merchant_id == shop.id]


def test_a_case_that_waits_in_vain_for_evidence_expires(shop, as_worker):
    from recoup.refunds import actions

    case = ask(shop, shop.order(("vase", 1, 5000)), reason="damaged")
    later = shop.now + timedelta(days=15)
    due(shop, case)

    (one,) = take(as_worker, shop)
    actions.expire(merchant_id=shop.id, case_id=case.id, fence=one.fence, at=later)

    assert (again(shop, case).state, again(shop, case).closed_at) == ("expired", later)
    assert events_of(shop, case.id)[-1] == "case.expired"
    assert claimed_units(shop, case.order_number) == {"vase": "{}"}
    assert ask(shop, case.order_number).state == "approved"


def test_a_case_that_waits_for_a_person_is_announced_as_late_and_stays(shop, as_worker):
    from recoup.refunds import actions

    case = ask_in_review(shop)
    due(shop, case)
    (one,) = take(as_worker, shop)

    actions.expire(merchant_id=shop.id, case_id=case.id, fence=one.fence, at=shop.now + timedelta(days=2))

    late = again(shop, case)
    assert (late.state, late.waits_for) == ("in_review", "person")
    assert late.wake_at == shop.now + timedelta(days=3)
    assert events_of(shop, case.id)[-1] == "case.late"


def test_a_case_is_leased_to_one_worker_at_a_time(shop, as_worker):
    cases = [ask_in_review(shop) for _ in range(6)]
    for case in cases:
        due(shop, case)
    taken, barrier = [], threading.Barrier(4)

    def work():
        from recoup.refunds import actions

        barrier.wait()
        taken.extend(one.case_id for one in actions.take_wake_ups(limit=500) if one.merchant_id == shop.id)
        connection.close()

    with as_worker():
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(taken) == sorted(case.id for case in cases)
    assert take(as_worker, shop) == []


def test_a_worker_whose_lease_has_passed_to_another_changes_nothing(shop, as_worker):
    from recoup.refunds import actions

    case = ask(shop, shop.order(("vase", 1, 5000)), reason="damaged")
    due(shop, case)
    (one,) = take(as_worker, shop)

    actions.expire(merchant_id=shop.id, case_id=case.id, fence=one.fence - 1, at=shop.now + timedelta(days=15))
    assert again(shop, case).state == "needs_evidence"


def test_a_case_that_moved_on_meanwhile_is_left_alone(shop, as_worker):
    from recoup.refunds import actions

    case = ask(shop, shop.order(("vase", 1, 5000)), reason="damaged")
    due(shop, case)
    (one,) = take(as_worker, shop)
    do(shop, "withdraw", case, by="shopper")

    actions.expire(merchant_id=shop.id, case_id=case.id, fence=one.fence, at=shop.now + timedelta(days=15))
    assert again(shop, case).state == "withdrawn"


def test_a_sixth_try_parks_the_case_and_a_person_gets_it(connected, as_worker):
    from recoup.refunds import actions

    case = ask(connected, "nobody-knows-yet")
    for turn in range(6):
        rows(connected, "UPDATE refunds_case SET lease_until = NULL WHERE id = %s RETURNING 1", case.id)
        (one,) = take(as_worker, connected)
        assert one.is_parked == (turn == 5)
    assert take(as_worker, connected) == []

    actions.order_came(
        merchant_id=connected.id, case_id=case.id, fence=one.fence, answer=OrderStatus.UNKNOWN, at=connected.now
    )
    assert again(connected, case).state == "in_review"


def test_an_unknown_order_waits_for_the_merchants_answer_and_is_judged_by_it(connected, as_worker):
    from recoup.refunds import actions

    number = f"{connected.slug}-1"
    case = ask(connected, number)
    assert (case.state, case.waits_for) == ("verifying_order", "order")
    (one,) = take(as_worker, connected)
    assert connected.order(("mug", 1, 700)) == number

    actions.order_came(
        merchant_id=connected.id, case_id=case.id, fence=one.fence, answer=OrderStatus.PLACED, at=connected.now
    )

    judged = again(connected, case)
    assert (judged.state, judged.amount_minor) == ("approved", 700)
    assert events_of(connected, case.id) == ["case.submitted", "case.verifying_order", "case.approved"]


def test_an_order_that_the_merchant_does_not_know_is_answered_in_words(connected, as_worker):
    from recoup.refunds import actions

    case = ask(connected, "typed-wrongly")
    (one,) = take(as_worker, connected)

    actions.order_came(
        merchant_id=connected.id, case_id=case.id, fence=one.fence, answer=OrderStatus.NOT_FOUND, at=connected.now
    )

    assert again(connected, case).state in ("rejected", "in_review")
    assert len(again(connected, case).explanation) > 20


def test_an_item_the_order_turns_out_not_to_have_is_not_paid(connected, as_worker):
    from recoup.refunds import actions
    from recoup.refunds.requests import WantedItem

    number = f"{connected.slug}-1"
    case = ask(connected, number, items=[WantedItem(sku="lamp", quantity=1)])
    (one,) = take(as_worker, connected)
    connected.order(("mug", 1, 700))

    actions.order_came(
        merchant_id=connected.id, case_id=case.id, fence=one.fence, answer=OrderStatus.PLACED, at=connected.now
    )

    judged = again(connected, case)
    assert judged.state in ("rejected", "in_review")
    assert judged.amount_minor == 0


def test_a_stale_copy_is_asked_for_again_before_it_is_judged(connected):
    number = connected.order(("mug", 1, 700), as_of=connected.now - timedelta(hours=2))

    assert ask(connected, number).state == "verifying_order"
    assert ask(connected, connected.order(("mug", 1, 700))).state == "approved"


def parked(shop, case):
    rows(shop, "UPDATE refunds_case SET parked_at = now(), tries = 6 WHERE id = %s RETURNING 1", case.id)


def is_parked(shop, case):
    return rows(shop, "SELECT parked_at IS NOT NULL, tries FROM refunds_case WHERE id = %s", case.id)[0]


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("ask_evidence", {"asks": [], "words": "Show us the plug."}),
        ("ask_goods", {"words": "Send it to Tuas."}),
        ("reject", {"reason": "It was worn for a year."}),
        ("approve", {}),
        ("withdraw", {"by": "shopper"}),
    ],
)
def test_a_person_who_moves_a_parked_case_on_takes_it_out_of_the_car_park(shop, verb, words):
    case = ask_in_review(shop)
    parked(shop, case)

    do(shop, verb, case, **words)

    assert is_parked(shop, case) == (False, 0)


def test_after_that_its_next_deadline_is_kept(shop, as_worker):
    case = ask_in_review(shop)
    parked(shop, case)
    do(shop, "ask_evidence", case, asks=[], words="Show us the plug.")
    due(shop, case)

    assert [one.case_id for one in take(as_worker, shop)] == [case.id]


def test_a_case_that_was_parked_for_a_silent_shop_is_announced_as_late_again(connected, as_worker):
    from recoup.refunds import actions

    case = ask(connected, "nobody-knows-1")
    parked(connected, case)
    fence = rows(connected, "SELECT fence FROM refunds_case WHERE id = %s", case.id)[0][0]
    about = {"merchant_id": connected.id, "case_id": case.id, "fence": fence, "at": connected.now}
    actions.order_came(answer=OrderStatus.UNKNOWN, **about)

    assert again(connected, case).state == "in_review"
    assert is_parked(connected, case) == (False, 0)
    due(connected, case)
    (one,) = take(as_worker, connected)
    parked(connected, case)
    actions.expire(**{**about, "fence": one.fence})
    assert is_parked(connected, case) == (False, 0)
