"""A case stands as its payouts stand: sent, closed, a person's again, and paid after all."""

import pytest

from tests.refunds.asking import (
    again,
    ask,
    ask_in_review,
    balances,
    claimed_units,
    do,
    events_of,
    grants,
    payouts_of,
    rows,
)


def pay(shop, price=900, **order):
    case = ask(shop, shop.order(("mug", 1, price), **order))
    return case, [leg.id for leg in payouts_of(shop, case)]


def test_a_case_is_sent_when_the_rail_has_accepted_it_and_closed_when_it_is_paid(shop, rail):
    case, (leg,) = pay(shop)

    rail.pays(leg, "pending")
    sent = again(shop, case)
    assert (sent.state, sent.initiated_at is not None, sent.closed_at) == ("approved", True, None)
    rail.says(leg, "succeeded", refund=rail.payout(leg).provider_refund_id)
    rail.work()

    assert again(shop, case).state == "closed"
    assert events_of(shop, case.id)[-2:] == ["case.initiated", "case.closed"]


def test_a_case_with_two_destinations_is_sent_when_both_have_accepted(shop, rail):
    case, (card, gift) = pay(shop, 1000, tenders=[600, 400])

    rail.pays(card)
    assert again(shop, case).initiated_at is None
    rail.pays(gift)

    assert again(shop, case).state == "closed"
    assert events_of(shop, case.id).count("case.initiated") == 1


def test_hearing_the_same_news_twice_changes_nothing(shop, rail):
    case, (leg,) = pay(shop)
    rail.pays(leg)
    before, events = again(shop, case), events_of(shop, case.id)

    rail._heard = 0
    rail.work()

    assert (again(shop, case), events_of(shop, case.id)) == (before, events)


def test_money_that_is_there_at_once_is_credited_once_with_its_time(shop, rail):
    case, (leg,) = pay(shop)
    paid_to(rail, leg, "paynow")
    rail.pays(leg)
    rail._heard = 0
    rail.work()

    credited = again(shop, case)
    assert credited.credited_at == rail.payout(leg).finished_at
    assert events_of(shop, case.id)[-3:] == ["case.initiated", "case.credited", "case.closed"]


@pytest.mark.parametrize("outcome", ["pending", "succeeded"])
def test_a_card_is_never_said_to_be_credited(shop, rail, outcome):
    case, (leg,) = pay(shop)

    rail.pays(leg, outcome)

    assert again(shop, case).credited_at is None
    assert "case.credited" not in events_of(shop, case.id)


def test_money_that_came_back_is_no_longer_credited_and_can_be_again(shop, rail):
    from recoup.payments import actions as payments

    case, (leg,) = pay(shop)
    paid_to(rail, leg, "paynow")
    rail.pays(leg)
    rail.says(leg, "failed", refund=rail.payout(leg).provider_refund_id, code="account_closed")
    rail.work()
    assert again(shop, case).credited_at is None

    payments.retry_payout(merchant_id=shop.id, payout_id=leg, by="person:ines", at=shop.now)
    rail.pays(leg, refund="re_again")

    assert again(shop, case).credited_at is not None
    assert events_of(shop, case.id).count("case.credited") == 2


def paid_to(rail, payout_id, method):
    with rail.cluster.superuser() as db:
        db.execute("UPDATE payments_capture SET method = %s WHERE id = %s", [method, rail.payout(payout_id).capture_id])


def test_a_failed_payout_makes_the_case_a_persons_with_a_clock(shop, rail):
    case, (leg,) = pay(shop)

    rail.pays(leg, "failed", code="expired_card")

    broken = again(shop, case)
    assert (broken.state, broken.waits_for, broken.initiated_at) == ("in_review", "payout", None)
    assert broken.wake_at is not None
    assert "case.reopened" in events_of(shop, case.id)
    assert "case.initiated" not in events_of(shop, case.id)


def test_a_second_attempt_that_succeeds_closes_the_case_after_all(shop, rail):
    from recoup.payments import actions as payments

    case, (leg,) = pay(shop)
    rail.pays(leg, "failed", code="declined")
    payments.retry_payout(merchant_id=shop.id, payout_id=leg, by="person:ines", at=shop.now)

    rail.pays(leg, refund="re_second")

    closed = again(shop, case)
    assert (closed.state, closed.waits_for, closed.wake_at) == ("closed", "", None)
    assert closed.initiated_at is not None
    assert balances(shop) == {"refunds_granted": 900, "provider_balance": -900}


def test_money_that_comes_back_after_success_reopens_the_case(shop, rail):
    case, (leg,) = pay(shop)
    rail.pays(leg)
    assert again(shop, case).state == "closed"

    rail.says(leg, "failed", refund=rail.payout(leg).provider_refund_id, code="lost_or_stolen_card")
    rail.work()

    assert again(shop, case).state == "in_review"
    assert again(shop, case).closed_at is None
    assert balances(shop) == {"refunds_granted": 900, "reserved_refunds": -900}


def test_while_a_person_hears_an_appeal_a_payout_that_succeeds_decides_nothing(shop, rail):
    case = ask_in_review(shop)
    (line,) = rows(shop, "SELECT order_line_id FROM refunds_caseline WHERE case_id = %s", case.id)
    do(shop, "approve", case, lines=grants((line[0], 1, 20_000)))
    do(shop, "appeal", case, words="Too little.", by="shopper")
    (leg,) = payouts_of(shop, case)

    rail.pays(leg.id)
    assert again(shop, case).state == "in_review"
    answer = do(shop, "reject", case, reason="Twenty percent is what wear leaves.")

    assert (answer.state, answer.amount_minor) == ("closed", 20_000)


def test_a_case_is_called_off_only_after_its_payouts_and_then_its_units_are_free(shop, rail):
    from recoup.payments import actions as payments
    from recoup.refunds.actions import MoveNotAllowed

    case, (leg,) = pay(shop)
    rail.pays(leg, "failed", code="declined")

    with pytest.raises(MoveNotAllowed):
        do(shop, "call_off", case, reason="The card is closed.")
    payments.cancel_payout(merchant_id=shop.id, payout_id=leg, by="person:ines", at=shop.now)
    off = do(shop, "call_off", case, reason="The card is closed.")

    assert (off.state, off.amount_minor) == ("rejected", 0)
    assert claimed_units(shop, case.order_number) == {"mug": "{}"}
    assert balances(shop) == {}
    assert ask(shop, case.order_number).state == "approved"


def test_nobody_rejects_or_withdraws_a_case_whose_payout_may_be_tried_again(shop, rail):
    from recoup.refunds.actions import MoveNotAllowed

    case, (leg,) = pay(shop)
    rail.pays(leg, "failed", code="declined")

    with pytest.raises(MoveNotAllowed):
        do(shop, "reject", case, reason="We have changed our mind.")
    with pytest.raises(MoveNotAllowed):
        do(shop, "withdraw", case, by="shopper")
    assert claimed_units(shop, case.order_number) == {"mug": "{[0,1)}"}
