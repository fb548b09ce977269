"""Each line by itself: was it bought, may it come back, is it in time, and what does the law say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from recoup.refunds.policy.context import is_delivered, last_moment
from recoup.refunds.policy.facts import Facts, LineFacts, LineKind
from recoup.refunds.policy.floors import LawRule, best_rule


class Answer(StrEnum):
    """What may happen to one line."""

    GRANT = "grant"
    REJECT = "reject"
    PERSON = "person"


#: Kinds that are never paid back without a person, whatever a merchant's table says.
NEVER_AUTOMATIC = frozenset({LineKind.SHIPPING, LineKind.FEE, LineKind.DISCOUNT, LineKind.ADJUSTMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLine:
    """One line with its answer, the code and rule behind it, and the words' parameters.

    `law` is the strongest right that covers the line; `law_decided` says that without it the answer would be worse.
    """

    line: LineFacts
    answer: Answer
    code: str
    rule: str
    params: dict[str, str] = field(default_factory=dict)
    law: LawRule | None = None
    law_decided: bool = False

    @property
    def is_short(self) -> bool:
        """True when fewer units are left than were asked for."""
        return self.line.quantity_payable < self.line.quantity_requested


def never_bought_or_gone(line: LineFacts) -> JudgedLine | None:
    """The rejection of a line of which nothing is left to refund; None when there is something to judge."""
    if line.quantity_requested == 0:
        return JudgedLine(line=line, answer=Answer.REJECT, code="nothing_asked", rule="bought.nothing_asked")
    if line.quantity_ordered == 0:
        return JudgedLine(line=line, answer=Answer.REJECT, code="never_bought", rule="bought.never")
    if line.quantity_payable == 0:
        return JudgedLine(line=line, answer=Answer.REJECT, code="already_refunded", rule="bought.already_refunded")
    return None


def judge_line(
    *, facts: Facts, line: LineFacts, eligibility: dict[str, Any], window: dict[str, Any], rules: tuple[LawRule, ...]
) -> JudgedLine:
    """The line's answer by the merchant's tables, lifted to the law's floor where the law gives more."""
    if line.kind in NEVER_AUTOMATIC:
        rule = eligibility["rule"] if eligibility["answer"] != "accept" else "always.kind_needs_person"
        answer = Answer.REJECT if eligibility["answer"] == "reject" else Answer.PERSON
        code = eligibility["code"] or ("not_refundable_kind" if answer is Answer.REJECT else "kind_needs_person")
        return JudgedLine(line=line, answer=answer, code=code, rule=rule, params=_own_words(eligibility))
    if line.amount_minor <= 0:
        return JudgedLine(line=line, answer=Answer.REJECT, code="nothing_paid", rule="bought.nothing_paid")
    law = best_rule(rules, line, reason=facts.reason, channel=facts.order.channel) if rules else None
    judged = _by_the_tables(facts, line, eligibility, window)
    if law is None:
        return judged
    return _lifted(judged, law) if judged.answer is Answer.REJECT else replace(judged, law=law)


def answers_together(judged: Sequence[JudgedLine], answer: Answer) -> list[JudgedLine]:
    """The lines that got this answer, in the order asked."""
    return [line for line in judged if line.answer is answer]


def _by_the_tables(facts: Facts, line: LineFacts, eligibility: dict[str, Any], window: dict[str, Any]) -> JudgedLine:
    if eligibility["answer"] == "reject":
        code = eligibility["code"] or "excluded_by_policy"
        params = _own_words(eligibility)
        return JudgedLine(line=line, answer=Answer.REJECT, code=code, rule=eligibility["rule"], params=params)
    if not _in_time(facts, days=window["days"], counts_from=window["counts_from"]):
        params = {"days": str(window["days"]), "counts_from": window["counts_from"]}
        return JudgedLine(line=line, answer=Answer.REJECT, code="window_closed", rule=window["rule"], params=params)
    if eligibility["answer"] == "ask_person":
        code = eligibility["code"] or "kind_needs_person"
        params = _own_words(eligibility)
        return JudgedLine(line=line, answer=Answer.PERSON, code=code, rule=eligibility["rule"], params=params)
    return JudgedLine(line=line, answer=Answer.GRANT, code="within_policy", rule=window["rule"])


def _lifted(judged: JudgedLine, law: LawRule) -> JudgedLine:
    """A rejection that the law does not allow: granted where money is owed, else a person finds the remedy."""
    owes_money = law.remedy == "refund"
    return replace(
        judged,
        answer=Answer.GRANT if owes_money else Answer.PERSON,
        code="legal_right" if owes_money else "legal_remedy_due",
        rule=f"law.{law.id}",
        params={"law": law.title},
        law=law,
        law_decided=True,
    )


def _in_time(facts: Facts, *, days: int, counts_from: str) -> bool:
    order = facts.order
    if counts_from == "delivered":
        if not is_delivered(order):
            return True
        start = order.delivered_at or order.shipped_at or order.placed_at
    else:
        start = order.placed_at
    return facts.requested_at < last_moment(start=start, days=days)


def _own_words(eligibility: dict[str, Any]) -> dict[str, str]:
    return {"own_words": eligibility["words"]} if eligibility["words"] else {}
