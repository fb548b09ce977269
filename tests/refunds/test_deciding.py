"""What reviewers decide about a case, and what that does to its money, units and story."""

import threading

import pytest
from django.db import connection

from recoup.kernel import ids
from recoup.kernel.errors import Invalid, NotFound, Refusal
from recoup.refunds.states import GoodsState
from tests.refunds.asking import (
    again,
    ask,
    ask_in_review,
    balances,
    claimed_units,
    do,
    events_of,
    grants,
    hire,
    payouts_of,
    rows,
)


def test_a_reviewer_approves_and_the_money_is_reserved(shop):
    case = ask_in_review(shop)

    approved = do(shop, "approve", case, note="Sorry about the sofa.")

    assert (approved.state, approved.amount_minor, approved.explanation) == (
        "approved",
        90_000,
        "Sorry about the sofa.",
    )
    assert approved.waits_for == ""
    assert balances(shop) == {"refunds_granted": 90_000, "reserved_refunds": -90_000}
    assert [(leg.state, leg.amount_minor) for leg in payouts_of(shop, case)] == [("queued", 90_000)]
    assert events_of(shop, case.id) == ["case.submitted", "case.in_review", "case.approved"]


def test_a_reviewer_pays_less_than_was_asked(shop):
    case = ask_in_review(shop)
    (line,) = rows(shop, "SELECT order_line_id FROM refunds_caseline WHERE case_id = %s", case.id)

    partly = do(shop, "approve", case, lines=grants((line[0], 1, 20_000)))

    assert (partly.state, partly.amount_minor) == ("partly_approved", 20_000)
    assert balances(shop)["reserved_refunds"] == -20_000


def test_nobody_is_paid_more_than_the_units_cost(shop):
    case = ask_in_review(shop)
    (line,) = rows(shop, "SELECT order_line_id FROM refunds_caseline WHERE case_id = %s", case.id)

    with pytest.raises(Invalid):
        do(shop, "approve", case, lines=grants((line[0], 1, 90_001)))
    with pytest.raises(Invalid):
        do(shop, "approve", case, lines=grants((line[0], 1, -1)))
    with pytest.raises(Invalid):
        do(shop, "approve", case, lines=grants((ids.uuid7(), 1, 100)))

    assert again(shop, case).state == "in_review"
    assert balances(shop) == {}


def test_nobody_approves_a_refund_to_themselves(shop):
    from recoup.refunds.actions import NotYourOwn

    case = ask_in_review(shop, email="ines@shop.example")

    with pytest.raises(NotYourOwn):
        do(shop, "approve", case, by_email="Ines@Shop.example")


def test_a_reviewer_rejects_with_words_the_shopper_reads(shop):
    case = ask_in_review(shop)

    rejected = do(shop, "reject", case, reason="The sofa was worn for a year.")

    assert (rejected.state, rejected.explanation) == ("rejected", "The sofa was worn for a year.")
    assert rejected.decided_at == shop.now
    with pytest.raises(Invalid):
        do(shop, "reject", case, reason="No.")


def test_a_rejected_case_cannot_be_approved_by_another_reviewer(shop):
    from recoup.refunds.actions import MoveNotAllowed

    case = ask_in_review(shop)
    do(shop, "reject", case, reason="The sofa was worn for a year.")

    with pytest.raises(MoveNotAllowed) as refused:
        do(shop, "approve", case, by="person:jonas")

    assert refused.value.extra["state"] == "rejected"
    assert balances(shop) == {}


@pytest.mark.parametrize("verbs", [("approve", "reject"), ("approve", "approve"), ("reject", "reject")])
def test_two_reviewers_at_once_make_one_decision(shop, verbs):
    """F-20 in small: whoever comes second is told the state in which the case is now."""
    for _ in range(4):
        case = ask_in_review(shop)
        said = _race(shop, case, [verbs[turn % 2] for turn in range(6)])

        refusals = [one for one in said if isinstance(one, Refusal)]
        assert len(refusals) == 5, said
        state = again(shop, case).state
        assert {refusal.extra["state"] for refusal in refusals} == {state}
        assert {refusal.status for refusal in refusals} == {409}
        decided = [kind for kind in events_of(shop, case.id) if kind in ("case.approved", "case.rejected")]
        assert decided == [f"case.{state}"]
        assert len(payouts_of(shop, case)) == (1 if state == "approved" else 0)


def _race(shop, case, verbs):
    said, barrier = [], threading.Barrier(len(verbs))

    def decide(verb, number):
        barrier.wait()
        words = {"reason": "Too late for this sofa."} if verb == "reject" else {}
        try:
            said.append(do(shop, verb, case, by=f"person:p{number}", **words).state)
        except Refusal as refusal:
            said.append(refusal)
        finally:
            connection.close()

    for number in range(len(verbs)):
        hire(shop, f"p{number}")
    threads = [threading.Thread(target=decide, args=(verb, number)) for number, verb in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_a_reviewer_asks_for_evidence_and_the_shopper_has_two_weeks(shop):
    case = ask_in_review(shop)

    asked = do(shop, "ask_evidence", case, asks=["damage"], words="Please show the tear.")

    assert (asked.state, asked.asks, asked.explanation) == ("needs_evidence", ("damage",), "Please show the tear.")
    assert (asked.wake_at - shop.now).days == 14
    assert asked.waits_for == "evidence"
    with pytest.raises(Invalid):
        do(shop, "ask_evidence", case, asks=[], words="  ")


def test_a_reviewer_asks_for_the_goods_and_grades_them(shop):
    case = ask_in_review(shop)

    asked = do(shop, "ask_goods", case, words="Please bring it to the booth.")

    assert (asked.state, asked.goods_state, asked.waits_for) == ("awaiting_return", "awaiting", "goods")
    assert (asked.wake_at - shop.now).days == 30


def test_goods_that_come_back_well_lead_to_the_money(shop):
    case = ask(shop, shop.order(("lamp", 1, 20_000)), goods_received=False)
    assert case.state == "awaiting_return"

    graded = do(shop, "grade_goods", case, grade=GoodsState.GRADED_OK)

    assert (graded.state, graded.goods_state, graded.amount_minor) == ("approved", "graded_ok", 20_000)
    assert balances(shop)["reserved_refunds"] == -20_000
    assert events_of(shop, case.id)[-2:] == ["case.goods_graded", "case.approved"]


@pytest.mark.parametrize("grade", [GoodsState.GRADED_DAMAGED, GoodsState.GRADED_WRONG, GoodsState.GRADED_MISSING])
def test_goods_that_come_back_otherwise_lead_to_a_person(shop, grade):
    case = ask(shop, shop.order(("lamp", 1, 20_000)), goods_received=False)

    assert do(shop, "grade_goods", case, grade=grade).state == "in_review"
    assert balances(shop) == {}


def test_goods_are_graded_only_while_they_are_awaited_and_only_by_a_grade(shop):
    from recoup.refunds.actions import MoveNotAllowed

    case = ask_in_review(shop)

    with pytest.raises(MoveNotAllowed):
        do(shop, "grade_goods", case, grade=GoodsState.GRADED_OK)
    with pytest.raises(Invalid):
        do(shop, "grade_goods", case, grade=GoodsState.IN_TRANSIT)


def test_a_shopper_withdraws_while_nothing_is_promised(shop):
    from recoup.refunds.actions import MoveNotAllowed

    waiting = ask_in_review(shop)
    paid = ask(shop, shop.order(("mug", 1, 500)))

    assert do(shop, "withdraw", waiting, by="shopper").state == "withdrawn"
    with pytest.raises(MoveNotAllowed):
        do(shop, "withdraw", paid, by="shopper")
    with pytest.raises(MoveNotAllowed):
        do(shop, "withdraw", waiting, by="shopper")


def test_a_shopper_appeals_three_times_at_most_and_a_person_looks_again(shop):
    from recoup.refunds.actions.appeal import NoFurtherAppeal

    case = ask_in_review(shop)
    for turn in (1, 2, 3):
        do(shop, "reject", case, reason="The sofa was worn for a year.")
        appealed = do(shop, "appeal", case, words="It was torn when it came.", by="shopper")
        assert (appealed.state, appealed.appeals) == ("in_review", turn)
    do(shop, "reject", case, reason="The sofa was worn for a year.")

    with pytest.raises(NoFurtherAppeal):
        do(shop, "appeal", case, words="Again.", by="shopper")
    with pytest.raises(Invalid):
        do(shop, "appeal", case, words="   ", by="shopper")
    moves = rows(shop, "SELECT from_state, to_state FROM events_transition WHERE subject_id = %s ORDER BY id", case.id)
    assert moves[:4] == [
        (None, "in_review"),
        ("in_review", "rejected"),
        ("rejected", "appealed"),
        ("appealed", "in_review"),
    ]


def test_an_appeal_against_a_partial_yes_adds_to_it_and_forgets_nothing(shop):
    number = shop.order(("sofa", 1, 60_000), ("chair", 1, 40_000))
    case = ask(shop, number)
    lines = dict(
        rows(
            shop,
            "SELECT l.sku, l.id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE o.number = %s",
            number,
        )
    )
    do(shop, "approve", case, lines=grants((lines["sofa"], 1, 60_000)))
    do(shop, "appeal", case, words="The chair as well.", by="shopper")

    more = do(shop, "approve", case)

    assert (more.state, more.amount_minor) == ("approved", 100_000)
    assert sorted(leg.amount_minor for leg in payouts_of(shop, case)) == [40_000, 60_000]
    assert balances(shop)["reserved_refunds"] == -100_000
    assert claimed_units(shop, number) == {"sofa": "{[0,1)}", "chair": "{[0,1)}"}


def test_a_no_to_such_an_appeal_leaves_what_was_granted(shop):
    case = ask_in_review(shop)
    (line,) = rows(shop, "SELECT order_line_id FROM refunds_caseline WHERE case_id = %s", case.id)
    do(shop, "approve", case, lines=grants((line[0], 1, 20_000)))
    do(shop, "appeal", case, words="That is too little.", by="shopper")

    answer = do(shop, "reject", case, reason="Twenty percent is what wear leaves.")

    assert (answer.state, answer.amount_minor) == ("partly_approved", 20_000)
    assert balances(shop)["reserved_refunds"] == -20_000


def test_money_that_is_promised_can_be_neither_withdrawn_nor_put_off(shop):
    from recoup.refunds.actions import MoveNotAllowed

    case = ask_in_review(shop)
    (line,) = rows(shop, "SELECT order_line_id FROM refunds_caseline WHERE case_id = %s", case.id)
    do(shop, "approve", case, lines=grants((line[0], 1, 20_000)))
    do(shop, "appeal", case, words="That is too little.", by="shopper")

    for verb, words in (
        ("withdraw", {}),
        ("ask_evidence", {"asks": [], "words": "Show us."}),
        ("ask_goods", {"words": "Send it."}),
        ("call_off", {"reason": "No."}),
    ):
        with pytest.raises(MoveNotAllowed):
            do(shop, verb, case, **words)


def test_a_case_of_somebody_else_does_not_exist(shop, noon):
    from recoup.refunds import actions

    case = ask_in_review(shop)
    stranger = ids.uuid7()
    about = {"merchant_id": stranger, "case_id": case.id, "by": "x", "at": noon}

    for call in (
        lambda: actions.approve(**about),
        lambda: actions.reject(reason="No reason whatever.", **about),
        lambda: actions.withdraw(**about),
        lambda: actions.appeal(words="Please.", **about),
        lambda: actions.ask_evidence(asks=[], words="Show.", **about),
        lambda: actions.ask_goods(words="Send.", **about),
        lambda: actions.grade_goods(grade=GoodsState.GRADED_OK, **about),
        lambda: actions.call_off(reason="No.", **about),
        lambda: actions.add_evidence(photos=[], words="Hello.", **about),
    ):
        with pytest.raises(NotFound):
            call()
    assert again(shop, case).state == "in_review"


def test_delivery_is_given_back_once(shop):
    number = shop.order(("sofa", 2, 120_000), shipping_minor=1500)
    from recoup.refunds.requests import WantedItem

    first = ask(shop, number, items=[WantedItem(sku="sofa", quantity=1)])
    second = ask(shop, number, items=[WantedItem(sku="sofa", quantity=1)])

    one = do(shop, "approve", first, with_delivery=True)
    two = do(shop, "approve", second, with_delivery=True)

    assert (one.amount_minor, two.amount_minor) == (61_500, 60_000)
    assert rows(shop, "SELECT shipping_claimed_minor FROM orders_order WHERE number = %s", number) == [(1500,)]
