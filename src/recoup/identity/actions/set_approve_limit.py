"""A member of the staff gets a limit of their own, or their role's again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity.models import Membership
from recoup.kernel.errors import Invalid, NotFound, Refusal

LIMIT_MAX = 10**15


class NotYourOwnLimit(Refusal):
    """Nobody sets how much they may approve themselves."""

    code = "ACCESS_DENIED"
    status = 403
    title = "Your own limit is set by another manager"


@tenancy.action
def set_approve_limit(*, merchant_id: UUID, person_id: UUID, limit_minor: int | None, by: str, at: datetime) -> None:
    """This member may approve so much alone from now on, in minor units of the company's currency; None: as their role.

    Raises NotFound, NotYourOwnLimit, Invalid.
    """
    if by == f"person:{person_id}":
        raise NotYourOwnLimit
    if limit_minor is not None and not 0 <= limit_minor <= LIMIT_MAX:
        raise Invalid("A limit is nothing, or an amount of 0 or more")
    found = Membership.objects.filter(merchant_id=merchant_id, person_id=person_id)
    if not found.update(approve_limit_minor=limit_minor):
        raise NotFound("Nobody like that works here")
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id,
                at=at,
                kind="member.limit_changed",
                subject_id=person_id,
                actor=by,
                data={"limit_minor": limit_minor},
            )
        ]
    )
