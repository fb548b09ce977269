"""Somebody gets another role at their company."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity import managing
from recoup.identity.models import Membership, Role
from recoup.kernel.errors import Invalid, NotFound, Refusal


class NotYourOwnRole(Refusal):
    """Nobody gives a role to themselves, or takes theirs away."""

    code = "ACCESS_DENIED"
    status = 403
    title = "Your own role is changed by another manager"


@tenancy.action
def change_role(*, merchant_id: UUID, person_id: UUID, role: str, by: str, at: datetime) -> None:
    """From the next request on they may do what the new role may; apps that act for them have to ask them anew.

    Raises NotFound, NotYourOwnRole, LastManager, Invalid.
    """
    if by == f"person:{person_id}":
        raise NotYourOwnRole
    if role not in Role.values:
        raise Invalid(f"There is no role {role!r}; there are {', '.join(Role.values)}")
    if role != Role.MANAGER:
        managing.others_must_manage(merchant_id=merchant_id, person_id=person_id)
    found = Membership.objects.filter(merchant_id=merchant_id, person_id=person_id)
    before = found.select_for_update(of=("self",)).values_list("role", flat=True).first()
    if before is None:
        raise NotFound("Nobody like that works here")
    if before == role:
        return
    found.update(role=role)
    told = events.Happening(
        merchant_id=merchant_id, at=at, kind="member.role_changed", subject_id=person_id, actor=by,
        data={"from": before, "to": role},
    )  # fmt: skip
    events.record([told])
