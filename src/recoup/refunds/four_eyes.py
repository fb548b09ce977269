"""Whether the people who have said yes are enough: arithmetic, no database.

A yes is enough when somebody among those who said it may approve the sum alone, and when there are as many people as
the company asks for. A key is nobody's eyes: it lends its limit, and never counts as one of two people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why one yes is not enough."""

    ABOVE_LIMIT = "above_limit"
    ADDS_UP = "adds_up"
    OTHER_CURRENCY = "other_currency"
    AMOUNT = "four_eyes_from_amount"
    RISK = "four_eyes_from_risk"
    REASON = "four_eyes_for_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Yes:
    """Somebody says yes. `is_able`: they may approve the whole sum alone. `marks`: what tells people apart, as person,
    mailbox and telephone; empty for a key. Two who share a mark are one.
    """

    actor: str
    is_able: bool
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """`people` of `people_needed` have said yes; `is_able`: one of them may approve the sum."""

    people: int
    people_needed: int
    is_able: bool
    whys: tuple[Why, ...]

    @property
    def is_enough(self) -> bool:
        return self.is_able and self.people >= self.people_needed


def rule(said: Sequence[Yes], *, people_wanted: Sequence[Why], sum_whys: Sequence[Why]) -> Ruling:
    """`people_wanted`: why two people are needed, if they are; `sum_whys`: why a limit is passed, if one is."""
    needed = 2 if people_wanted else 1
    is_able = any(yes.is_able for yes in said)
    people = how_many(said)
    # A machine that may approve the sum is enough where nobody asks for two people.
    counted = max(people, 1) if needed == 1 else people
    whys = [*(people_wanted if counted < needed else ()), *(sum_whys if not is_able else ())]
    return Ruling(people=counted, people_needed=needed, is_able=is_able, whys=tuple(whys))


def how_many(said: Sequence[Yes]) -> int:
    """How many different people these are."""
    groups: list[set[str]] = []
    for yes in said:
        if not yes.marks:
            continue
        same = [group for group in groups if group & yes.marks]
        groups = [group for group in groups if not group & yes.marks]
        groups.append(set(yes.marks).union(*same))
    return len(groups)


def are_one(one: Yes, other: Yes) -> bool:
    """Both were said by the same human, by whichever account."""
    return bool(one.marks & other.marks)
