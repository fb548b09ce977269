"""Invitations to work for a company, read back: by their company, by their link, and by whoever sent them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, models

from recoup.access import tenancy
from recoup.identity import codes
from recoup.identity.models import Invitation
from recoup.kernel.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation that is open: nobody has taken it up, taken it back, or replaced it. Its time may be over."""

    id: UUID
    merchant_id: UUID
    email: str
    role: str
    invited_by: str
    expires_at: datetime

    def is_live(self, at: datetime) -> bool:
        """Its link works."""
        return at < self.expires_at


def open_rows(*, merchant_id: UUID) -> models.QuerySet[Invitation]:
    """Those of the company that nobody has taken up, taken back or replaced."""
    return Invitation.objects.filter(merchant_id=merchant_id, accepted_at=None, ended_at=None)


@tenancy.query
def open_of_company(*, merchant_id: UUID) -> list[Invited]:
    """All open ones of the company, the newest first; at most 200."""
    return [_view(row) for row in open_rows(merchant_id=merchant_id).order_by("-id")[:200]]


@tenancy.query
def one_of_company(*, merchant_id: UUID, invitation_id: UUID) -> Invited:
    """The open invitation. Raises NotFound."""
    row = open_rows(merchant_id=merchant_id).filter(id=invitation_id).first()
    if row is None:
        raise NotFound("There is no such invitation")
    return _view(row)


def of_token(token: str, *, at: datetime) -> Invited | None:
    """The live invitation whose link that is; None for any other text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT invitation_id, merchant_id FROM identity_find_invitation(%s)", [codes.hash_token(token)])
        row = cursor.fetchone()
    if row is None:
        return None
    try:
        found = one_of_company(merchant_id=row[1], invitation_id=row[0])
    except NotFound:
        return None
    return found if found.is_live(at) else None


def _view(row: Invitation) -> Invited:
    return Invited(
        id=row.id, merchant_id=row.merchant_id, email=row.email, role=row.role, invited_by=row.invited_by,
        expires_at=row.expires_at,
    )  # fmt: skip
