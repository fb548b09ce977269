"""What a decision says: the outcome, the money of every component, the rule that decided, and why.

`total_minor` is the money granted now: zero unless the outcome grants. For the outcomes that ask, the lines show what
is at stake (`proposed_minor`): what would be paid if the answer is good. A rejected line shows zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson


class Outcome(StrEnum):
    """The six answers. Only the first two move money."""

    APPROVE = "approve"
    APPROVE_PARTLY = "approve_partly"
    REJECT = "reject"
    ASK_EVIDENCE = "ask_evidence"
    ASK_GOODS = "ask_goods"
    ASK_PERSON = "ask_person"


GRANTING: frozenset[Outcome] = frozenset({Outcome.APPROVE, Outcome.APPROVE_PARTLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The key of the shopper's sentence and its parameters, sorted by name. `in_words` renders it."""

    key: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineVerdict:
    """One requested line's answer. `quantity` units are granted (or at stake); components add up to `total_minor`."""

    line_id: str
    title: str
    quantity: int
    goods_minor: int
    discount_minor: int
    tax_minor: int
    fee_minor: int
    total_minor: int
    outcome: Outcome
    reason_code: str
    rule: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """A fee taken off the refund: `amount_minor` is negative. `code`: restocking | return_shipping."""

    code: str
    amount_minor: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One risk signal that fired, with its weight and the words staff read. Shoppers never see it."""

    code: str
    weight: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to one request.

    Sum(lines.total_minor) + shipping_minor + shipping_tax_minor + sum(deductions.amount_minor) == proposed_minor >= 0;
    total_minor is the same number when the outcome grants, otherwise 0. `asks` says what is wanted (kinds of photos,
    or the goods). `floors` are ids of the law rules that changed or confirmed the answer. `trace` lists, per table,
    which rows fired. Stored with the facts, the policy document and the law data version it replays exactly.
    """

    outcome: Outcome
    currency: str
    lines: tuple[LineVerdict, ...]
    shipping_minor: int
    shipping_tax_minor: int
    deductions: tuple[Deduction, ...]
    proposed_minor: int
    total_minor: int
    reason_code: str
    rule: str
    words: Words
    asks: tuple[str, ...]
    floors: tuple[str, ...]
    signals: tuple[Signal, ...]
    risk_score: int
    trace: Mapping[str, Any]
    policy_version: str
    policy_hash: str
    law_version: str

    @property
    def grants(self) -> bool:
        """True when money is to be paid now."""
        return self.outcome in GRANTING

    def to_json(self) -> str:
        """The canonical text: fields in declared order, keys sorted. Equal verdicts give equal text."""
        return orjson.dumps(self, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Verdict:
        """The verdict that `to_json` wrote."""
        return cls.from_mapping(orjson.loads(text))

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> Verdict:
        """The verdict from the decoded JSON object, as a database's JSON column returns it."""
        values: dict[str, Any] = dict(stored)
        values["outcome"] = Outcome(stored["outcome"])
        values["lines"] = tuple(_line_from(line) for line in stored["lines"])
        values["deductions"] = tuple(Deduction(**deduction) for deduction in stored["deductions"])
        values["words"] = _words_from(stored["words"])
        values["asks"] = tuple(stored["asks"])
        values["floors"] = tuple(stored["floors"])
        values["signals"] = tuple(Signal(**signal) for signal in stored["signals"])
        return cls(**values)


def _line_from(stored: Mapping[str, Any]) -> LineVerdict:
    return LineVerdict(**{**stored, "outcome": Outcome(stored["outcome"]), "words": _words_from(stored["words"])})


def _words_from(stored: Mapping[str, Any]) -> Words:
    return Words(key=stored["key"], params=tuple((name, value) for name, value in stored["params"]))
