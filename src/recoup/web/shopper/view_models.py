"""What the shopper's templates are given: words and amounts ready to read, no rows, no rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext

Tone = Literal["good", "yours", "waiting", "wrong", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """How a company kept the five minutes lately, in words. `ways`: (means of payment, half were sent within)."""

    share: str
    told: str
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """`promise`: what was measured; None where it is not shown, or there is too little to tell."""

    slug: str
    name: str
    is_verified: bool
    promise: Promise | None = None

    @property
    def initials(self) -> str:
        words = [word for word in self.name.replace("&", " ").split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper() or "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the five steps, for the bar at the top."""

    number: int
    name: str

    @property
    def standings(self) -> list[str]:
        return ["done" if place < self.number else "now" if place == self.number else "later" for place in range(1, 6)]


FIND = Step(number=1, name="Your order")
CODE = Step(number=2, name="Your code")
ITEMS = Step(number=3, name="Articles")
REASON = Step(number=4, name="What happened")
CHECK = Step(number=5, name="Check and confirm")
#: The names of the steps, for the catalogues.
TEXTS: tuple[str, ...] = tuple(step.name for step in (FIND, CODE, ITEMS, REASON, CHECK))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOrder:
    """An order of whoever is signed in, to choose from. `more`: so many articles besides; `is_gone`: all refunded."""

    number: str
    placed_at: datetime
    articles: str
    more: int
    picture_url: str
    is_gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the order. `free` units can still be asked for; `chosen` is what the draft says."""

    key: str
    name: str
    picture_url: str
    price_each: str
    bought: int
    free: int
    chosen: int = 0

    @property
    def is_gone(self) -> bool:
        return self.free == 0

    @property
    def note(self) -> str:
        if self.is_gone:
            return gettext("Already refunded, or its refund is on its way.")
        taken = self.bought - self.free
        told = gettext("{taken} of {bought} already refunded or on the way.")
        return told.format(taken=taken, bought=self.bought) if taken else ""

    @property
    def counts(self) -> range:
        return range(1, self.free + 1)

    @property
    def chosen_or_all(self) -> int:
        return self.chosen or self.free


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    number: str
    placed_at: datetime | None
    items: tuple[Item, ...]

    @property
    def has_anything_left(self) -> bool:
        return any(not item.is_gone for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class SumLine:
    """A row of a sum. `is_part` rows say how the row above came about."""

    name: str
    amount: str
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a part of the money goes, masked, and how fast that really is."""

    name: str
    speed: str
    amount: str
    icon: str
    standing: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What would happen if the shopper confirmed now."""

    heading: str
    words: str
    button: str
    total: str = ""
    asks: tuple[str, ...] = ()
    wants_photos: bool = False
    lines: tuple[SumLine, ...] = ()
    total_of_lines: str = ""
    total_name: str = "You get back"
    routes: tuple[Route, ...] = ()
    next_steps: tuple[str, ...] = ()
    can_be_withdrawn: bool = True
    can_be_undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the shopper told us, read back before they confirm."""

    order_number: str
    articles: str
    reason: str
    is_guessed: bool
    words: str
    photos: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Asked, decided, sent or credited: when, or what is expected."""

    name: str
    icon: str
    standing: Literal["done", "now", "later", "off"]
    at: datetime | None = None
    words: str = ""

    @property
    def spoken_standing(self) -> str:
        return {
            "done": gettext("done"),
            "now": gettext("happening now"),
            "later": gettext("still to come"),
            "off": gettext("will not happen"),
        }[self.standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One entry of the timeline."""

    at: datetime
    title: str
    icon: str
    tone: Tone = "plain"
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """Everything the shopper sees of a case. `fingerprint` changes whenever anything here does."""

    number: str
    company: str
    order_number: str
    headline: str
    words: str
    total: str
    clocks: tuple[Clock, ...]
    happenings: tuple[Happening, ...]
    next_steps: tuple[str, ...]
    routes: tuple[Route, ...] = ()
    lines: tuple[SumLine, ...] = ()
    total_of_lines: str = ""
    total_name: str = "You get back"
    asks: tuple[str, ...] = ()
    can_add_evidence: bool = False
    can_withdraw: bool = False
    can_undo: bool = False
    undo_until: str = ""
    can_appeal: bool = False
    contact_email: str = ""
    is_moving: bool = False
    live_url: str = ""

    @property
    def fingerprint(self) -> str:
        return f"{len(self.happenings)}.{self.headline}.{'-'.join(clock.standing for clock in self.clocks)}".replace(
            " ", "_"
        )
