"""What the reviewers' templates are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from recoup.web.shopper.view_models import Happening, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    code: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case of the list."""

    number: str
    reason: str
    state: str
    tone: Tone
    asked_at: datetime
    due_at: datetime | None
    is_late: bool
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    key: str
    added_at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the case; `chosen` and `less` are what the reviewer typed."""

    key: str
    name: str
    note: str
    bought: int
    asked: int
    amount: str
    granted: str
    currency: str
    is_chosen: bool = True
    chosen: int = 0
    less: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """Something the reviewer can do, and what the shopper is told by it."""

    code: str
    words: str
    question: str
    button: str
    told: str
    weight: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    key: str
    name: str
    icon: str
    amount: str
    standing: str
    reference: str
    can_be_repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    at: datetime
    kind: str
    account: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDesk:
    """One case with everything a decision needs."""

    number: str
    company: str
    order_number: str
    state: str
    tone: Tone
    asked_at: datetime
    due_at: datetime | None
    reason: str
    words: str
    email: str
    photos: tuple[Photo, ...]
    lines: tuple[Line, ...]
    verdict_words: str
    trace: tuple[str, ...]
    signals: tuple[str, ...]
    facts: tuple[Fact, ...]
    happenings: tuple[Happening, ...]
    verbs: tuple[Verb, ...]
    legs: tuple[Leg, ...]
    postings: tuple[Posting, ...]
