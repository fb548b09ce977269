"""Somebody takes up the invitation that was mailed to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity.models import Invitation, Membership, Person
from recoup.kernel.errors import Refusal

NAME_MAX = 100


class InvitationOver(Refusal):
    """It was used, taken back, replaced, or is too old."""

    code = "invitation_over"
    status = 410
    title = "This invitation does not work any more. Ask whoever invited you for a new one"


class NotInvited(Refusal):
    """The link reached somebody else: only the address that it was mailed to is invited."""

    code = "ACCESS_DENIED"
    status = 403
    title = "This invitation is for another address. Sign in with the one that it was mailed to"


@tenancy.action
def accept_invitation(*, merchant_id: UUID, invitation_id: UUID, person_id: UUID, name: str, at: datetime) -> None:
    """The person works for the company in the role they were invited to, and the invitation is used up.

    `name` is how colleagues know them from now on. Somebody who works there by now keeps their role.
    Raises InvitationOver, NotInvited.
    """
    row = Invitation.objects.select_for_update(no_key=True).filter(id=invitation_id, merchant_id=merchant_id).first()
    if row is None or row.accepted_at is not None or row.ended_at is not None or row.expires_at <= at:
        raise InvitationOver
    if not EmailAddress.objects.filter(user_id=person_id, email=row.email, verified=True).exists():
        raise NotInvited
    Invitation.objects.filter(id=row.id).update(accepted_at=at)
    Person.objects.filter(id=person_id).update(name=name.strip()[:NAME_MAX])
    _, is_new = Membership.objects.get_or_create(
        person_id=person_id, merchant_id=merchant_id, defaults={"role": row.role}
    )
    told = {"role": row.role, "invitation_id": str(row.id), "invited_by": row.invited_by}
    joined = events.Happening(
        merchant_id=merchant_id, at=at, kind="member.joined", subject_id=person_id, actor=f"person:{person_id}",
        data=told,
    )  # fmt: skip
    events.record([joined] if is_new else [])
