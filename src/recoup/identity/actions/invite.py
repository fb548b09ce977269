"""Somebody is invited to work for a company; part of the action that writes them the letter."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from recoup.events import transactional as events
from recoup.identity import codes, inviting
from recoup.identity.models import Invitation, Membership, Role
from recoup.kernel.errors import Invalid, Refusal

#: How long the link in the letter works.
LIVES = timedelta(days=7)


class WorksHere(Refusal):
    """Somebody is invited who is there already; an invitation never changes a role."""

    code = "works_here_already"
    status = 409
    title = "They work here already. Change their role instead"


def invite(*, merchant_id: UUID, email: str, role: str, by: str, at: datetime) -> str:
    """There is one open invitation for that address: this one. Gives the token for the link in its letter, told this
    once. Raises WorksHere, Invalid.
    """
    assert connection.in_atomic_block, "an invitation is made in the transaction of its letter"  # noqa: S101
    address = email.strip().lower()
    if role not in Role.values:
        raise Invalid(f"There is no role {role!r}; there are {', '.join(Role.values)}")
    with connection.cursor() as cursor:  # of two who invite the same address at once, the second one waits
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"invite {merchant_id} {address}"])
    if Membership.objects.filter(merchant_id=merchant_id, person__email=address).exists():
        raise WorksHere
    inviting.open_rows(merchant_id=merchant_id).filter(email=address).update(ended_at=at)
    token = codes.new_token()
    row = Invitation(
        merchant_id=merchant_id, email=address, role=role, token_hash=codes.hash_token(token), invited_by=by,
        created_at=at, expires_at=at + LIVES,
    )  # fmt: skip
    Invitation.objects.bulk_create([row])
    told = events.Happening(
        merchant_id=merchant_id, at=at, kind="member.invited", subject_id=row.id, actor=by, data={"role": role}
    )
    events.record([told])
    return token
