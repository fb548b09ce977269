"""What holds for every request and every merchant."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recoup.refunds.policy import (
    Facts,
    LineKind,
    Outcome,
    Verdict,
    compare,
    current_floors,
    decide,
    floors_of,
    in_words,
    is_fault,
    policy_from_text,
)
from recoup.refunds.policy.floors import best_rule
from recoup.refunds.policy.judging import NEVER_AUTOMATIC
from tests.policy.strategies import policies, requests

generously = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def judged(facts, merchant):
    return decide(facts=facts, policy=merchant, floors=current_floors())


@generously
@given(requests(), policies)
def test_the_same_stored_inputs_give_the_same_verdict_byte_for_byte(facts, merchant):
    verdict = judged(facts, merchant)

    replayed = decide(
        facts=Facts.from_json(facts.to_json()),
        policy=policy_from_text(merchant.document),
        floors=floors_of(verdict.law_version),
    )

    assert replayed.to_json() == verdict.to_json()
    assert Verdict.from_json(verdict.to_json()) == verdict
    assert Facts.from_json(facts.to_json()) == facts


@generously
@given(requests(), policies)
def test_never_above_the_frozen_amounts_and_only_whole_numbers(facts, merchant):
    verdict = judged(facts, merchant)

    by_id = {line.line_id: line for line in facts.lines}
    for line in verdict.lines:
        frozen = by_id[line.line_id]
        assert 0 <= line.quantity <= frozen.quantity_payable
        components = (line.goods_minor, line.discount_minor, line.tax_minor, line.fee_minor)
        frozen_components = (frozen.goods_minor, frozen.discount_minor, frozen.tax_minor, frozen.fee_minor)
        assert components in (frozen_components, (0, 0, 0, 0))
        assert sum(components) == line.total_minor >= 0
    assert verdict.shipping_minor <= facts.shipping_minor
    assert verdict.shipping_tax_minor <= facts.shipping_tax_minor
    assert all(fee.amount_minor < 0 for fee in verdict.deductions)
    numbers = [verdict.total_minor, verdict.proposed_minor, verdict.shipping_minor, verdict.shipping_tax_minor]
    assert all(type(number) is int and number >= 0 for number in numbers)
    assert verdict.proposed_minor == (
        sum(line.total_minor for line in verdict.lines)
        + verdict.shipping_minor
        + verdict.shipping_tax_minor
        + sum(fee.amount_minor for fee in verdict.deductions)
    )
    assert verdict.total_minor == (verdict.proposed_minor if verdict.grants else 0)
    if facts.order.paid_minor is not None:
        assert verdict.total_minor <= facts.order.paid_minor


@generously
@given(requests(), policies)
def test_never_below_the_floor_of_the_law(facts, merchant):
    verdict = judged(facts, merchant)

    rules = current_floors().rules_for(facts)
    if facts.order.status.value in ("unknown", "not_found"):
        return
    for asked, answered in zip(facts.lines, verdict.lines, strict=True):
        if asked.quantity_payable == 0 or asked.amount_minor <= 0:
            continue
        law = best_rule(rules, asked, reason=facts.reason, channel=facts.order.channel)
        if law is None:
            continue
        assert answered.outcome is not Outcome.REJECT
        assert answered.total_minor == asked.amount_minor
        if law.remedy == "refund":
            assert answered.outcome is not Outcome.ASK_PERSON or verdict.outcome is Outcome.ASK_PERSON
    owed = [best_rule(rules, line, reason=facts.reason, channel=facts.order.channel) for line in facts.lines]
    if facts.lines and all(law is not None and law.remedy == "refund" for law in owed):
        assert not [fee for fee in verdict.deductions if fee.code == "restocking"]
        assert all(line.outcome is not Outcome.REJECT for line in verdict.lines if line.quantity)


@generously
@given(requests(), policies)
def test_no_fee_is_ever_kept_for_a_fault(facts, merchant):
    if is_fault(facts.reason):
        assert judged(facts, merchant).deductions == ()


@generously
@given(requests(), policies)
def test_discounts_fees_adjustments_and_postage_are_never_granted_without_a_person(facts, merchant):
    verdict = judged(facts, merchant)

    kinds = {line.line_id: line.kind for line in facts.lines}
    for line in verdict.lines:
        if kinds[line.line_id] in NEVER_AUTOMATIC and verdict.grants:
            assert line.outcome is Outcome.REJECT
    if facts.lines and all(line.kind is LineKind.DISCOUNT for line in facts.lines):
        assert verdict.total_minor == 0


@generously
@given(requests(), policies, st.integers(0, 9), st.integers(0, 20))
def test_risk_only_asks_and_never_rejects(facts, merchant, today, month):
    calm = replace(facts, shopper=replace(facts.shopper, cases_last_day=0, cases_last_30_days=0))
    busy = replace(facts, shopper=replace(facts.shopper, cases_last_day=today, cases_last_30_days=month))

    before, after = judged(calm, merchant), judged(busy, merchant)

    if before.outcome is not Outcome.REJECT:
        assert after.outcome is not Outcome.REJECT
    assert [line.outcome is Outcome.REJECT for line in after.lines] == [
        line.outcome is Outcome.REJECT for line in before.lines
    ]


@generously
@given(requests(), policies)
def test_every_verdict_can_be_said_in_words_and_names_its_rule(facts, merchant):
    verdict = judged(facts, merchant)

    said = in_words(verdict)
    assert said
    assert "{" not in said
    assert "refunded." not in said.split("already")[0]
    assert verdict.rule
    assert verdict.reason_code == verdict.words.key


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(requests(), max_size=5), policies)
def test_a_policy_compared_with_itself_changes_nothing(many, merchant):
    cases = [(str(number), facts) for number, facts in enumerate(many)]

    comparison = compare(old=merchant, new=merchant, cases=cases, floors=current_floors())

    assert (comparison.changes, comparison.unchanged) == ((), len(many))
    assert comparison.old_total_minor == comparison.new_total_minor
