"""What a refund means that the vault saw at a rail and that does not agree with our payouts: pure rules, no database.

Every refund of ours carries its payout's id at the rail from the moment it exists. So one that names no payout of ours
was made by somebody else, and one that does is never counted as theirs while its payout may still come to hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from recoup.payments.rulings import ACCEPTED
from recoup.payments.states import PayoutState

DEAD = frozenset({"failed", "canceled"})
_NO = frozenset({PayoutState.FAILED, PayoutState.REVERSED})


class Finding(StrEnum):
    """`elsewhere`: money is gone that no payout stands for. `nothing`: none is. `revived`: the payout was paid after
    all. `look_up`: the payout is asked for. `wait`, `read_again`: weighed later, in the second case with a new sight.
    """

    ELSEWHERE = "elsewhere"
    NOTHING = "nothing"
    REVIVED = "revived"
    LOOK_UP = "look_up"
    WAIT = "wait"
    READ_AGAIN = "read_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A refund as the vault last saw it; `counted_minor` of it is in the capture's guard and the books."""

    id: UUID
    merchant_id: UUID
    rail_account_id: UUID
    provider_refund_id: str
    payout_id: UUID | None
    status: str
    amount_minor: int
    currency: str
    seen_at: datetime
    capture_id: UUID | None
    counted_minor: int
    turn: int
    tries: int

    @property
    def is_living(self) -> bool:
        """Whether the rail has taken the money out for it, or will."""
        return self.status not in DEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """The payout that the refund names, or that holds it; `answered_at`: when the rail last said something about it."""

    id: UUID
    merchant_id: UUID
    case_id: UUID
    capture_id: UUID
    rail_account_id: UUID
    state: PayoutState
    epoch: int
    amount_minor: int
    currency: str
    provider_refund_id: str | None
    answered_at: datetime | None
    is_parked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What is to be done about a sighting. `alarm` parks the payout with that reason."""

    finding: Finding
    alarm: str | None = None


def weigh(seen: Seen, ours: Ours | None) -> Weighed:
    """What one sighting means beside the payout that it names or that holds it."""
    if ours is None:
        return _of_a_stranger(seen)
    if not seen.is_living:
        is_news = ours.provider_refund_id == seen.provider_refund_id and ours.state in ACCEPTED
        return Weighed(finding=Finding.LOOK_UP if is_news else Finding.NOTHING)
    if ours.state is PayoutState.CANCELED:
        return Weighed(finding=Finding.ELSEWHERE)
    if ours.state in ACCEPTED:
        if ours.provider_refund_id == seen.provider_refund_id:
            return Weighed(finding=Finding.NOTHING)
        return Weighed(finding=Finding.ELSEWHERE, alarm=None if seen.counted_minor else "paid_twice")
    if ours.is_parked:
        return Weighed(finding=Finding.WAIT)
    if ours.state in _NO:
        return _after_failure(seen, ours)
    if ours.state is PayoutState.SUBMITTING:
        return Weighed(finding=Finding.WAIT)
    return Weighed(finding=Finding.LOOK_UP)


def _of_a_stranger(seen: Seen) -> Weighed:
    if not seen.is_living:
        return Weighed(finding=Finding.NOTHING)
    return Weighed(finding=Finding.WAIT if seen.capture_id is None else Finding.ELSEWHERE)


def _after_failure(seen: Seen, ours: Ours) -> Weighed:
    """The rail had said no. A sight from before that is no news; a later one is the truth."""
    if ours.answered_at is not None and seen.seen_at <= ours.answered_at:
        return Weighed(finding=Finding.READ_AGAIN)
    if (seen.amount_minor, seen.currency) != (ours.amount_minor, ours.currency):
        return Weighed(finding=Finding.WAIT, alarm="provider_amount_differs")
    return Weighed(finding=Finding.REVIVED)
