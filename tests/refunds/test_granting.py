"""A person's yes by units: no unit twice, never more than the units cost, and the rest stays free (DOMAIN 3, 9)."""

import threading

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recoup.kernel.errors import Invalid, Refusal
from recoup.refunds.requests import WantedItem
from tests.refunds.asking import (
    again,
    ask,
    balances,
    claimed_units,
    do,
    events_of,
    grants,
    hire,
    line_ids,
    payouts_of,
    rows,
)


@pytest.fixture
def chairs(shop):
    """Three of four chairs are asked back; the sum needs a person."""
    number = shop.order(("chair", 4, 100_001))
    return ask(shop, number, items=[WantedItem(sku="chair", quantity=3)])


def chair(shop, case):
    return line_ids(shop, case.order_number)["chair"]


def granted(shop, case):
    return rows(shop, "SELECT units::text, amount_minor FROM refunds_caseline WHERE case_id = %s", case.id)


def test_units_that_are_not_paid_stay_free_and_a_later_case_claims_them_at_their_own_worth(shop, chairs):
    partly = do(shop, "approve", chairs, lines=grants((chair(shop, chairs), 1)))

    assert (partly.state, partly.amount_minor) == ("partly_approved", 25_001)
    assert claimed_units(shop, chairs.order_number) == {"chair": "{[0,1)}"}
    rest = ask(shop, chairs.order_number)
    assert rest.amount_requested_minor == 75_000
    do(shop, "approve", rest)
    assert claimed_units(shop, chairs.order_number) == {"chair": "{[0,4)}"}
    assert balances(shop)["reserved_refunds"] == -100_001


def test_the_amount_of_the_units_may_be_lowered_and_never_raised(shop, chairs):
    line = chair(shop, chairs)

    for quantity, amount_minor in ((1, 25_002), (2, 50_002), (3, 75_002), (1, -1), (4, None), (2, 0)):
        with pytest.raises(Invalid):
            do(shop, "approve", chairs, lines=grants((line, quantity, amount_minor)))
    assert granted(shop, chairs) == [("{}", 0)]
    lowered = do(shop, "approve", chairs, lines=grants((line, 2, 40_000)))

    assert lowered.amount_minor == 40_000
    assert granted(shop, chairs) == [("{[0,2)}", 40_000)]


def test_a_yes_after_an_appeal_pays_the_units_that_were_left_out(shop, chairs):
    line = chair(shop, chairs)
    do(shop, "approve", chairs, lines=grants((line, 1)))
    do(shop, "appeal", chairs, words="All three wobble.", by="shopper")

    more = do(shop, "approve", chairs, lines=grants((line, 3)))

    assert (more.state, more.amount_minor) == ("approved", 75_001)
    assert granted(shop, chairs) == [("{[0,3)}", 75_001)]
    assert sorted(leg.amount_minor for leg in payouts_of(shop, chairs)) == [25_001, 50_000]
    assert balances(shop)["reserved_refunds"] == -75_001


def test_a_yes_after_an_appeal_pays_what_was_left_out_of_the_same_units(shop, chairs):
    line = chair(shop, chairs)
    do(shop, "approve", chairs, lines=grants((line, 1, 10_000)))
    do(shop, "appeal", chairs, words="That is too little.", by="shopper")

    raised = do(shop, "approve", chairs, lines=grants((line, 1, 20_000)))

    assert (raised.state, raised.amount_minor) == ("partly_approved", 20_000)
    assert granted(shop, chairs) == [("{[0,1)}", 20_000)]
    assert [leg.amount_minor for leg in payouts_of(shop, chairs)] == [10_000, 10_000]


def test_no_number_of_appeals_takes_a_line_above_what_its_units_cost(shop, chairs):
    line = chair(shop, chairs)
    do(shop, "approve", chairs, lines=grants((line, 1, 10_000)))
    do(shop, "appeal", chairs, words="That is too little.", by="shopper")

    for quantity, amount_minor in ((1, 25_002), (3, 75_002), (4, 75_001), (1, 9_999), (1, 10_000)):
        with pytest.raises(Invalid):
            do(shop, "approve", chairs, lines=grants((line, quantity, amount_minor)))
    do(shop, "approve", chairs)
    assert again(shop, chairs).amount_minor == 75_001
    assert claimed_units(shop, chairs.order_number) == {"chair": "{[0,3)}"}


def test_what_a_later_case_took_meanwhile_is_not_paid_again(shop, chairs):
    line = chair(shop, chairs)
    do(shop, "approve", chairs, lines=grants((line, 1)))
    do(shop, "approve", ask(shop, chairs.order_number))
    do(shop, "appeal", chairs, words="All three wobble.", by="shopper")

    with pytest.raises(Invalid):
        do(shop, "approve", chairs, lines=grants((line, 2)))
    with pytest.raises(Refusal):
        do(shop, "approve", chairs)
    assert balances(shop)["reserved_refunds"] == -100_001


def test_an_article_on_two_lines_is_not_asked_for_twice_by_an_appeal(shop):
    number = shop.order(("chair", 2, 100_000), ("chair", 2, 100_000))
    case = ask(shop, number, items=[WantedItem(sku="chair", quantity=2)])
    do(shop, "approve", case)
    rows(shop, "UPDATE refunds_case SET amount_requested_minor = 200000 WHERE id = %s RETURNING 1", case.id)
    rows(shop, "UPDATE refunds_case SET state = 'in_review' WHERE id = %s RETURNING 1", case.id)

    with pytest.raises(Refusal):
        do(shop, "approve", case)
    assert balances(shop)["reserved_refunds"] == -100_000


def test_money_that_is_sent_later_is_not_called_sent_before(shop, chairs, rail):
    line = chair(shop, chairs)
    do(shop, "approve", chairs, lines=grants((line, 1)))
    (leg,) = payouts_of(shop, chairs)
    rail.pays(leg.id)
    assert again(shop, chairs).state == "closed"
    do(shop, "appeal", chairs, words="All three wobble.", by="shopper")

    do(shop, "approve", chairs, lines=grants((line, 2)))
    assert again(shop, chairs).initiated_at is None
    second = next(leg for leg in payouts_of(shop, chairs) if leg.state == "queued")
    rail.pays(second.id, refund="re_of_the_rest")

    assert again(shop, chairs).state == "closed"
    assert again(shop, chairs).initiated_at is not None
    assert events_of(shop, chairs.id).count("case.initiated") == 2


def test_nothing_is_added_while_a_payment_waits_for_a_person(shop, chairs, rail):
    from recoup.refunds.actions import MoveNotAllowed

    line = chair(shop, chairs)
    do(shop, "approve", chairs, lines=grants((line, 1)))
    (leg,) = payouts_of(shop, chairs)
    rail.pays(leg.id, "failed", code="declined")

    with pytest.raises(MoveNotAllowed):
        do(shop, "approve", chairs, lines=grants((line, 2)))


def test_a_called_off_payment_leaves_nothing_behind_that_bars_another_yes(shop, chairs, rail):
    from recoup.payments import actions as payments

    line = chair(shop, chairs)
    do(shop, "approve", chairs, lines=grants((line, 2)))
    (leg,) = payouts_of(shop, chairs)
    rail.pays(leg.id, "failed", code="declined")
    payments.cancel_payout(merchant_id=shop.id, payout_id=leg.id, by="person:ines", at=shop.now)

    do(shop, "approve", chairs, lines=grants((line, 1)))

    assert again(shop, chairs).amount_minor == 25_001
    assert granted(shop, chairs) == [("{[0,1)}", 25_001)]
    assert balances(shop)["reserved_refunds"] == -25_001


def test_of_two_means_of_payment_the_one_that_paid_stands_when_the_other_is_called_off(shop, rail):
    from recoup.payments import actions as payments

    number = shop.order(("chair", 4, 100_000), tenders=[60_000, 40_000])
    case = ask(shop, number)
    do(shop, "approve", case)
    card, gift = payouts_of(shop, case)
    rail.pays(card.id)
    rail.pays(gift.id, "failed", code="declined")
    payments.cancel_payout(merchant_id=shop.id, payout_id=gift.id, by="person:ines", at=shop.now)

    off = do(shop, "call_off", case, reason="The gift card is closed; write to us.")

    assert (off.state, off.amount_minor) == ("closed", card.amount_minor)
    assert balances(shop) == {"refunds_granted": card.amount_minor, "provider_balance": -card.amount_minor}
    do(shop, "appeal", case, words="Pay it to my card then.", by="shopper")
    with pytest.raises(Invalid):
        do(shop, "approve", case, lines=grants((chair(shop, case), 4)))
    again_whole = do(shop, "approve", case, lines=[], with_kept_back=True)
    assert again_whole.amount_minor == 100_000


def test_a_fee_that_the_policy_kept_can_be_paid_back_after_an_appeal(shop, rail):
    from recoup.merchants import actions as merchants
    from recoup.refunds import queries
    from tests.policy.builders import a_document, table_of

    document = a_document(version="fees-1", title="A tenth is kept")
    for row in table_of(document, "fees")["rules"]:
        row["a-restocking_basis_points"] = "1000"
    policy = merchants.add_policy(
        merchant_id=shop.id, document=document, content_hash="a tenth", note="", by="person:ines", at=shop.now
    )
    merchants.enable_policy(merchant_id=shop.id, version_id=policy, by="person:ines", at=shop.now)
    case = ask(shop, shop.order(("lamp", 1, 20_000)))
    assert (case.state, case.amount_minor) == ("approved", 18_000)
    rail.pays(payouts_of(shop, case)[0].id)
    do(shop, "appeal", case, words="It was broken.", by="shopper")

    assert queries.can_be_granted(merchant_id=shop.id, case_id=case.id, at=shop.now).kept_back_minor == 2_000
    assert do(shop, "approve", case, lines=[], with_kept_back=True).amount_minor == 20_000
    assert sorted(leg.amount_minor for leg in payouts_of(shop, case)) == [2_000, 18_000]


@pytest.mark.parametrize("turn", range(3))
def test_two_reviewers_at_once_pay_the_difference_once(shop, chairs, turn):
    line = chair(shop, chairs)
    do(shop, "approve", chairs, lines=grants((line, 1)))
    do(shop, "appeal", chairs, words="All three wobble.", by="shopper")
    said, barrier = [], threading.Barrier(4)

    def decide(number):
        barrier.wait()
        try:
            said.append(do(shop, "approve", chairs, by=f"person:p{number}", lines=grants((line, 2 + number % 2))))
        except Refusal as refusal:
            said.append(refusal)
        finally:
            connection.close()

    for number in range(4):
        hire(shop, f"p{number}")
    threads = [threading.Thread(target=decide, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = [one for one in said if not isinstance(one, Refusal)]
    assert winner.amount_minor == -balances(shop)["reserved_refunds"]
    assert len(payouts_of(shop, chairs)) == 2


def test_what_is_shown_before_is_what_is_done(shop, chairs):
    from recoup.refunds import queries

    wish = {"lines": grants((chair(shop, chairs), 2, 33_333))}
    shown = queries.preview_approval(merchant_id=shop.id, case_id=chairs.id, at=shop.now, **wish)
    done = do(shop, "approve", chairs, **wish)

    assert shown.total_minor == done.amount_minor == 33_333
    assert [(line.quantity, line.asked) for line in shown.lines] == [(2, 3)]


@pytest.mark.usefixtures("cluster")
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    total=st.integers(0, 10_000),
    bought=st.integers(1, 12),
    data=st.data(),
)
def test_units_of_a_line_are_worth_what_they_cost_however_they_are_granted(total, bought, data):
    """Any two grants of a line, one after the other, sum to the worth of their units."""
    from types import SimpleNamespace

    from recoup.refunds.granting import AskedLine

    line = SimpleNamespace(quantity=bought, list_minor=total, discount_minor=0, tax_minor=0, fee_minor=0)
    first = data.draw(st.integers(0, bought))
    then = data.draw(st.integers(first, bought))
    fresh = AskedLine(line=line, asked=bought, free=[(0, bought)])
    spans = fresh.claim(first).spans
    free = [(first, bought)] if first < bought else []
    after = AskedLine(line=line, asked=bought, held=spans, held_minor=fresh.worth_minor(first), free=free)

    assert after.worth_minor(then) == fresh.worth_minor(then)
    assert after.worth_minor(bought) == total
