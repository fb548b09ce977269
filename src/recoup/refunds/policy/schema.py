"""The six tables of a refund policy: which columns each may read, which it must answer, and what an answer may be.

A merchant's upload is checked against this page (`documents.py`); a decision gets only answers that passed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from recoup.refunds.policy.facts import Channel, GoodsState, LineKind
from recoup.refunds.policy.reasons import Reason

ColumnType = Literal["text", "whole_number", "yes_or_no", "list"]
Cell = str | int | bool | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputColumn:
    """A fact that a table may ask about. `choices` lists the only texts it can hold, None when it is free."""

    type: ColumnType
    meaning: str
    choices: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputColumn:
    """An answer that a table gives. Without `default` the column must be there and filled in every row."""

    type: ColumnType
    meaning: str
    choices: frozenset[str] | None = None
    most: int | None = None
    default: Cell | None = None

    def accepts(self, value: object) -> bool:
        """True when the engine's answer is of this column's type and range. A float is never a whole number."""
        if self.type == "whole_number":
            return type(value) is int and 0 <= value <= (self.most if self.most is not None else 10**15)
        if self.type == "yes_or_no":
            return type(value) is bool
        if self.type == "list":
            return isinstance(value, list) and all(isinstance(item, str) and self._knows(item) for item in value)
        return isinstance(value, str) and self._knows(value)

    def _knows(self, text: str) -> bool:
        return self.choices is None or text in self.choices


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """One table. `per` line: asked once for every line; `hit_policy` collect: every row that fits answers."""

    per: Literal["line", "case"]
    hit_policy: Literal["first", "collect"]
    inputs: Mapping[str, InputColumn]
    outputs: Mapping[str, OutputColumn]


#: Flags of a line that have a column of their own. Any other flag can be asked for through the column `flags`.
KNOWN_FLAGS: tuple[str, ...] = (
    "final_sale",
    "perishable",
    "personalised",
    "hygiene_sealed",
    "media_sealed",
    "opened",
    "used",
    "downloaded",
    "performed",
)

#: What an eligibility row may give as the reason for its "reject" or "ask_person"; each has shopper's words.
ELIGIBILITY_CODES = frozenset(
    {
        "",
        "final_sale",
        "personalised",
        "perishable",
        "hygiene_opened",
        "media_opened",
        "digital_used",
        "service_used",
        "not_refundable_kind",
        "kind_needs_person",
        "excluded_by_policy",
    }
)

#: What a thresholds row may give as the reason for asking.
THRESHOLD_CODES = frozenset(
    {
        "",
        "amount_high",
        "goods_back",
        "already_shipped",
        "delivered_says_carrier",
        "photos_seen_before",
        "amount_unclear",
        "reason_unclear",
        "needs_look",
        "unknown_currency",
    }
)

#: What a photo may be asked to show.
EVIDENCE_KINDS = frozenset({"item", "damage", "label", "parcel", "receipt", "screenshot"})


def _text(meaning: str, choices: frozenset[str] | None = None) -> InputColumn:
    return InputColumn(type="text", meaning=meaning, choices=choices)


def _number(meaning: str) -> InputColumn:
    return InputColumn(type="whole_number", meaning=meaning)


def _claim(meaning: str) -> InputColumn:
    return InputColumn(type="yes_or_no", meaning=meaning)


#: What both the tables asked per line and those asked per case may read.
SHARED_INPUTS: dict[str, InputColumn] = {
    "reason": _text("the reason's code", frozenset(Reason)),
    "fault": _claim("the reason says that the merchant or the carrier is at fault"),
    "channel": _text("how the order was made", frozenset(Channel)),
    "country": _text("the shopper's country, ISO 3166 alpha-2; empty when unknown"),
    "currency": _text("the order's currency, ISO 4217"),
    "is_shipped": _claim("the order has left the merchant"),
    "is_delivered": _claim("the order has arrived, says the carrier"),
    "order_age_days": _number("whole days since the order was placed"),
    "completes_full_order": _claim("with this request everything in the order has been asked back"),
}

LINE_INPUTS: dict[str, InputColumn] = {
    **SHARED_INPUTS,
    "sku": _text("the merchant's article number"),
    "category": _text("the merchant's category, as the order has it"),
    "kind": _text("what the line is", frozenset(LineKind)),
    "amount_minor": _number("what the requested units cost, in minor units; 0 when negative"),
    "quantity": _number("units that can still be refunded of those asked for"),
    "flags": InputColumn(type="list", meaning="all flags of the line"),
    **{flag: _claim(f"the line carries the flag {flag}") for flag in KNOWN_FLAGS},
}

CASE_INPUTS: dict[str, InputColumn] = {
    **SHARED_INPUTS,
    "amount_minor": _number("what is at stake without delivery, in minor units"),
    "photo_count": _number("photos given with the request"),
    "photos_seen_before": _number("photos that match one of another case"),
    "has_reason_text": _claim("the shopper wrote in their own words"),
    "goods_state": _text("where the returned goods are", frozenset(GoodsState)),
    "nothing_to_return": _claim("the shopper holds nothing that could be sent back"),
    "account_age_days": _number("days since the account was made; -1 when unknown"),
    "cases_last_day": _number("the shopper's other cases of the last 24 hours"),
    "cases_last_30_days": _number("the shopper's other cases of the last 30 days"),
    "orders_count": _number("the shopper's orders with this merchant"),
    "refund_rate_percent": _number("refunded orders per hundred orders"),
    "cases_rejected_count": _number("cases of the shopper rejected before"),
    "refunded_last_90_days_minor": _number("refunded to the shopper in the last 90 days, in minor units"),
    "contact_differs": _claim("the contact given is not the one of the order"),
    "signals": InputColumn(type="list", meaning="signals that the caller found, by code"),
}

_SCORED_INPUTS = {**CASE_INPUTS, "risk_score": _number("the sum of the weights of all risk signals that fired")}

TABLES: dict[str, TableSchema] = {
    "eligibility": TableSchema(
        per="line",
        hit_policy="first",
        inputs=LINE_INPUTS,
        outputs={
            "answer": OutputColumn(
                type="text", meaning="may it come back?", choices=frozenset({"accept", "reject", "ask_person"})
            ),
            "code": OutputColumn(type="text", meaning="why not", choices=ELIGIBILITY_CODES, default=""),
            "words": OutputColumn(type="text", meaning="the merchant's own sentence for the shopper", default=""),
        },
    ),
    "window": TableSchema(
        per="line",
        hit_policy="first",
        inputs=LINE_INPUTS,
        outputs={
            "days": OutputColumn(type="whole_number", meaning="days to ask for money back", most=3650),
            "counts_from": OutputColumn(
                type="text",
                meaning="the day the window starts",
                choices=frozenset({"delivered", "placed"}),
                default="delivered",
            ),
        },
    ),
    "risk": TableSchema(
        per="case",
        hit_policy="collect",
        inputs=CASE_INPUTS,
        outputs={
            "signal": OutputColumn(type="text", meaning="the signal's code"),
            "weight": OutputColumn(type="whole_number", meaning="how much it weighs", most=100),
            "words": OutputColumn(type="text", meaning="what staff read"),
        },
    ),
    "evidence": TableSchema(
        per="case",
        hit_policy="first",
        inputs=_SCORED_INPUTS,
        outputs={
            "photos": OutputColumn(type="whole_number", meaning="photos needed", most=10),
            "kinds": OutputColumn(type="list", meaning="what they should show", choices=EVIDENCE_KINDS, default=[]),
            "needs_text": OutputColumn(type="yes_or_no", meaning="own words needed", default=False),
        },
    ),
    "thresholds": TableSchema(
        per="case",
        hit_policy="first",
        inputs=_SCORED_INPUTS,
        outputs={
            "ask": OutputColumn(
                type="text", meaning="what to ask for", choices=frozenset({"nothing", "evidence", "goods", "person"})
            ),
            "code": OutputColumn(type="text", meaning="why", choices=THRESHOLD_CODES, default=""),
        },
    ),
    "fees": TableSchema(
        per="line",
        hit_policy="first",
        inputs=LINE_INPUTS,
        outputs={
            "restocking_basis_points": OutputColumn(
                type="whole_number", meaning="kept of the line's price, in hundredths of a percent", most=10_000
            ),
            "return_shipping_minor": OutputColumn(
                type="whole_number", meaning="kept once per case when goods are sent back, in minor units", default=0
            ),
            "delivery": OutputColumn(
                type="text",
                meaning="delivery paid back with a full order",
                choices=frozenset({"none", "standard", "full"}),
                default="none",
            ),
        },
    ),
}
