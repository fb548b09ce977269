"""The money of a verdict: frozen integers of the granted units, delivery that comes back, fees that are kept.

No amount is computed from a price: components are the frozen sums of the facts. The one division is a restocking fee's
share, rounded down, so that the shopper keeps the fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recoup.refunds.policy.facts import Facts
from recoup.refunds.policy.judging import Answer, JudgedLine
from recoup.refunds.policy.reasons import is_fault
from recoup.refunds.policy.verdict import Deduction, LineVerdict, Outcome, Words

_DELIVERY_RANK = {"none": 0, "standard": 1, "full": 2}
_LINE_OUTCOMES = {Answer.REJECT: Outcome.REJECT, Answer.PERSON: Outcome.ASK_PERSON}


def line_verdict(judged: JudgedLine, *, granted_as: Outcome) -> LineVerdict:
    """The line with its money; a rejected one, or one that would take money away, shows zeros."""
    line = judged.line
    outcome = _LINE_OUTCOMES.get(judged.answer, granted_as)
    if outcome is Outcome.APPROVE and judged.is_short:
        outcome = Outcome.APPROVE_PARTLY
    pays = judged.answer is not Answer.REJECT and line.amount_minor > 0
    return LineVerdict(
        line_id=line.line_id,
        title=line.title,
        quantity=line.quantity_payable if judged.answer is not Answer.REJECT else 0,
        goods_minor=line.goods_minor if pays else 0,
        discount_minor=line.discount_minor if pays else 0,
        tax_minor=line.tax_minor if pays else 0,
        fee_minor=line.fee_minor if pays else 0,
        total_minor=line.amount_minor if pays else 0,
        outcome=outcome,
        reason_code=judged.code,
        rule=judged.rule,
        words=Words(key=judged.code, params=tuple(sorted(judged.params.items()))),
    )


def delivery_back(
    *, facts: Facts, judged: Sequence[JudgedLine], fees: Sequence[dict[str, Any]]
) -> tuple[int, int, str | None]:
    """Delivery and its tax that come back, and the id of the law that gave more than the policy would have.

    Only a full order brings delivery back: all of it for a fault, at least the standard delivery for a withdrawal.
    """
    granted = [line for line in judged if line.answer is Answer.GRANT]
    everything = len(granted) == len(judged) and not any(line.is_short for line in granted)
    if not facts.completes_full_order or not everything or not granted:
        return 0, 0, None
    level = max((fee["delivery"] for fee in fees), key=_DELIVERY_RANK.__getitem__, default="none")
    if is_fault(facts.reason):
        level = "full"
    by_law = None
    if level == "none":
        by_law = next((line.law.id for line in granted if line.law is not None and line.law.standard_delivery), None)
        level = "standard" if by_law else "none"
    shipping, tax = _delivery_of(facts, level)
    return shipping, tax, by_law if shipping else None


def _delivery_of(facts: Facts, level: str) -> tuple[int, int]:
    whole, tax, standard = facts.shipping_minor, facts.shipping_tax_minor, facts.shipping_standard_minor
    if level == "none":
        return 0, 0
    if level == "full" or standard is None or standard >= whole:
        return whole, tax
    # The tax of the standard part, rounded up: the floor is the shopper's.
    return standard, -(-tax * standard // whole)


def fees_kept(
    *, facts: Facts, granted: Sequence[JudgedLine], fees: Sequence[dict[str, Any]], goods_needed: bool
) -> tuple[tuple[Deduction, ...], tuple[str, ...]]:
    """The deductions, and the ids of the laws that took one away. Never on a fault, never below zero in total."""
    if is_fault(facts.reason):
        return (), ()
    left = sum(line.line.amount_minor for line in granted)
    deductions: list[Deduction] = []
    forbidden: list[str] = []
    return_shipping = Deduction(code="return_shipping", amount_minor=0, rule="")
    for line, fee in zip(granted, fees, strict=True):
        price = max(0, line.line.goods_minor + line.line.discount_minor)
        restocking = min(left, price * fee["restocking_basis_points"] // 10_000)
        if restocking and _forbids(line, "restocking", forbidden):
            restocking = 0
        if restocking:
            deductions.append(Deduction(code="restocking", amount_minor=-restocking, rule=fee["rule"]))
            left -= restocking
        posting = fee["return_shipping_minor"] if goods_needed else 0
        if posting > -return_shipping.amount_minor and not _forbids(line, "return_shipping", forbidden):
            return_shipping = Deduction(code="return_shipping", amount_minor=-posting, rule=fee["rule"])
    posting = min(left, -return_shipping.amount_minor)
    if posting:
        deductions.append(Deduction(code="return_shipping", amount_minor=-posting, rule=return_shipping.rule))
    return tuple(deductions), tuple(dict.fromkeys(forbidden))


def _forbids(judged: JudgedLine, fee: str, forbidden: list[str]) -> bool:
    """True when a law that owes the money does not allow this fee; notes the law."""
    law = judged.law
    if law is None or law.remedy != "refund" or fee in law.fees_allowed:
        return False
    forbidden.append(law.id)
    return True
