"""One case of one's own, tried beside the tables: what the draft answers, in the shopper's words, and by which rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms

from recoup.refunds.policy import (
    EvidenceFacts,
    Facts,
    LineFacts,
    OrderFacts,
    OrderStatus,
    Policy,
    Reason,
    current_floors,
    decide,
    in_words,
)
from recoup.refunds.policy.facts import LineKind
from recoup.refunds.policy.schema import KNOWN_FLAGS
from recoup.web.shopper import reasons
from recoup.web.staff.limit_forms import Amount, InCurrency
from recoup.web.staff.policy_run import OUTCOMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The answer to the case that was typed."""

    outcome: str
    words: str
    law: bool
    rows: tuple[str, ...]


class TryForm(InCurrency):
    """A case as one would tell it."""

    prefix = "try"

    reason = forms.ChoiceField(
        label="Reason", choices=[(reason.value, reasons.in_words(reason.value)) for reason in Reason]
    )
    amount = Amount(label="Paid for it")
    days = forms.IntegerField(label="Days since it arrived", min_value=0, max_value=3650)
    category = forms.CharField(label="Category (optional)", required=False, max_length=60)
    kind = forms.ChoiceField(label="What it is", choices=[(kind.value, kind.value) for kind in LineKind])
    flags = forms.MultipleChoiceField(
        label="It is",
        required=False,
        choices=[(flag, flag.replace("_", " ")) for flag in KNOWN_FLAGS],
        widget=forms.CheckboxSelectMultiple,
    )
    country = forms.RegexField(
        r"^[A-Z]{2}$",
        label="Shopper's country, two letters",
        error_messages={"invalid": "Write two capital letters, like SG."},
    )
    photos = forms.IntegerField(label="Photos shown", min_value=0, max_value=10)

    def tried(self, policy: Policy, *, at: datetime) -> Tried:
        """What the policy answers. The form is valid."""
        verdict = decide(facts=self._facts(at), policy=policy, floors=current_floors())
        return Tried(
            outcome=OUTCOMES[verdict.outcome.value],
            words=in_words(verdict),
            law=bool(verdict.floors),
            rows=tuple(_rows(verdict.trace)),
        )

    def _facts(self, at: datetime) -> Facts:
        told: dict[str, Any] = self.cleaned_data
        arrived = at - timedelta(days=told["days"])
        line = LineFacts(
            line_id="1",
            sku="TRY",
            title="This item",
            category=told["category"],
            kind=LineKind(told["kind"]),
            quantity_ordered=1,
            quantity_requested=1,
            flags=tuple(told["flags"]),
            goods_minor=told["amount"] or 0,
        )
        return Facts(
            requested_at=at,
            currency=self.currency,
            country=told["country"],
            order=OrderFacts(
                number="TRY",
                placed_at=arrived - timedelta(days=3),
                delivered_at=arrived,
                status=OrderStatus.DELIVERED,
            ),
            lines=(line,),
            reason=Reason(told["reason"]),
            has_reason_text=True,
            evidence=EvidenceFacts(photo_count=told["photos"]),
        )

    def __init__(self, *told: Any, currency: str, **more: Any) -> None:
        super().__init__(*told, currency=currency, **more)
        self.currency = currency


def _rows(trace: Any) -> list[str]:
    """`window.usual` for each row that answered, in the order of asking."""
    told = [answer for answers in trace.values() for answer in (answers if isinstance(answers, list) else [answers])]
    return [str(answer["rule"]) for answer in told if isinstance(answer, dict) and "rule" in answer]
