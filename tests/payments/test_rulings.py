"""What an answer means, rule by rule, without a database."""

from dataclasses import replace

import pytest

from recoup.kernel import ids
from recoup.payments import rulings
from recoup.payments.rulings import Heard, Held
from recoup.payments.states import MOVES, AnswerOutcome, PayoutState
from recoup_vault import words

HELD = Held(
    id=ids.uuid7(),
    merchant_id=ids.uuid7(),
    case_id=ids.uuid7(),
    capture_id=ids.uuid7(),
    rail_account_id=ids.uuid7(),
    state=PayoutState.SUBMITTING,
    epoch=2,
    fence=7,
    amount_minor=1000,
    currency="GBP",
    provider_refund_id=None,
    failure_code=None,
)
HEARD = Heard(
    id=1,
    fence=7,
    epoch=2,
    outcome=AnswerOutcome.SUCCEEDED,
    said_before=0,
    is_taken=False,
    provider_refund_id="re_1",
    amount_minor=1000,
    currency="GBP",
)


def test_the_vault_and_the_product_use_the_same_words():
    spoken = {value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)}

    assert {outcome.value for outcome in AnswerOutcome} <= spoken


@pytest.mark.parametrize("state", list(PayoutState))
@pytest.mark.parametrize("outcome", list(AnswerOutcome))
@pytest.mark.parametrize("fence", [6, 7])
@pytest.mark.parametrize("amount", [None, 1000, 999])
def test_every_ruling_moves_as_the_table_says_or_not_at_all(state, outcome, fence, amount):
    heard = replace(HEARD, outcome=outcome, fence=fence, amount_minor=amount)

    ruling = rulings.rule(replace(HELD, state=state), heard)

    assert ruling.state is state or ruling.state in MOVES[state]
    assert not (ruling.is_paid and ruling.is_returned)
    if fence != HELD.fence:
        assert ruling.state is state
        assert not ruling.is_paid
        assert not ruling.is_returned


@pytest.mark.parametrize("state", [PayoutState.SUBMITTING, PayoutState.UNKNOWN, PayoutState.PROVIDER_PENDING])
def test_a_stale_answer_that_tells_of_money_is_looked_up(state):
    ruling = rulings.rule(replace(HELD, state=state), replace(HEARD, fence=6))

    assert ruling.look_up
    assert ruling.state is state


@pytest.mark.parametrize("state", [PayoutState.FAILED, PayoutState.CANCELED, PayoutState.REVERSED])
def test_money_told_of_after_the_end_is_a_matter_for_a_person(state):
    ruling = rulings.rule(replace(HELD, state=state), replace(HEARD, fence=6))

    assert ruling.park == "money_told_by_a_stale_answer"
    assert ruling.events[0][0] == "payout.parked"


def test_money_told_of_by_an_earlier_attempt_stops_the_present_one():
    ruling = rulings.rule(HELD, replace(HEARD, epoch=1, fence=3))

    assert ruling.park is not None
    assert not ruling.is_paid


def test_the_schedule_of_the_unknown_is_the_published_one():
    delays = [
        rulings.rule(HELD, replace(HEARD, outcome=AnswerOutcome.UNKNOWN, said_before=n, amount_minor=None)).delay_s
        for n in range(7)
    ]

    assert delays == [10, 30, 120, 300, 3600, 86400, 86400]


def test_what_stays_unknown_goes_to_a_person():
    heard = replace(HEARD, outcome=AnswerOutcome.UNKNOWN, said_before=rulings.UNKNOWN_MAX - 1, amount_minor=None)

    assert rulings.rule(HELD, heard).park == "unknown_for_too_long"


def test_a_success_is_read_again_three_times_and_then_left_alone():
    held = replace(HELD, state=PayoutState.SUCCEEDED, provider_refund_id="re_1")

    delays = [rulings.rule(held, replace(HEARD, said_before=n)).delay_s for n in range(4)]

    assert delays == [86_400, 7 * 86_400, 30 * 86_400, None]


def test_the_same_success_told_again_pays_nothing_again():
    held = replace(HELD, state=PayoutState.SUCCEEDED, provider_refund_id="re_1")

    ruling = rulings.rule(held, replace(HEARD, said_before=1))

    assert not ruling.is_paid
    assert ruling.events == ()


def test_a_refund_of_another_payout_is_never_ours():
    assert rulings.rule(HELD, replace(HEARD, is_taken=True)).park == "refund_belongs_to_another_payout"


@pytest.mark.parametrize(("amount", "currency"), [(999, "GBP"), (1000, "USD")])
def test_another_amount_or_currency_is_not_booked(amount, currency):
    ruling = rulings.rule(HELD, replace(HEARD, amount_minor=amount, currency=currency))

    assert ruling.park == "provider_amount_differs"
    assert not ruling.is_paid


@pytest.mark.parametrize("code", ["paid_twice", "no_answer_after_many_tries"])
def test_some_findings_are_for_people_only(code):
    heard = replace(HEARD, outcome=AnswerOutcome.UNKNOWN, failure_code=code, amount_minor=None)

    assert rulings.rule(HELD, heard).park == code


def test_a_rail_that_does_not_serve_us_is_told_of_once():
    told = [
        rulings.rule(HELD, replace(HEARD, outcome=AnswerOutcome.THROTTLED, said_before=n, amount_minor=None)).events
        for n in range(20)
    ]

    assert [events[0][0] for events in told if events] == ["payout.delayed"]
