"""What the reviewers' templates are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recoup.web.shopper.view_models import Happening, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    code: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """By when something is due. `words`: how long that is from now, when it is near."""

    at: datetime
    words: str
    used_percent: int
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case of the list."""

    number: str
    order_number: str
    reason: str
    state: str
    tone: Tone
    asked_at: datetime
    due: Deadline | None
    amount: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    key: str
    added_at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the case, as it stands."""

    key: str
    name: str
    note: str
    bought: int
    asked: int
    amount: str
    granted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One line that a yes can pay; `held` units are granted already. `chosen` and `less` are as the reviewer typed."""

    key: str
    name: str
    notes: tuple[str, ...]
    held: int
    most: int
    currency: str
    is_chosen: bool
    chosen: int
    less: str = ""

    @property
    def least(self) -> int:
        return max(1, self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Something that can be paid beside the lines."""

    code: str
    words: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """Something the reviewer can do, what the shopper is told by it, and what the reviewer reads once it is `done`."""

    code: str
    words: str
    question: str
    button: str
    told: str
    done: str
    weight: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One payment of the case, and what can be decided about it."""

    key: str
    name: str
    icon: str
    amount: str
    standing: str
    reference: str
    verbs: tuple[Verb, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One side of an entry in the books; either `debit` or `credit` is empty."""

    account: str
    debit: str
    credit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One journal about a payment of the case."""

    at: datetime
    words: str
    about: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNotice:
    """Somebody has said yes, and it waits for a second person."""

    title: str
    at: datetime
    lines: Sequence[str]
    note: str
    words: str
    is_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What a yes would come to. `goes_on`: to a second person."""

    goes_on: bool
    words: str


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
    no_photos_words: str
    lines: tuple[Line, ...]
    verdict_words: str
    trace: tuple[str, ...]
    signals: tuple[str, ...]
    facts: tuple[Fact, ...]
    happenings: tuple[Happening, ...]
    verbs: tuple[Verb, ...]
    nothing_words: str
    legs: tuple[Leg, ...]
    books: tuple[Entry, ...]
    limit_words: str = ""
    yeses: tuple[YesNotice, ...] = ()
