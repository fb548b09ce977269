"""Giving the shopper of a case a token for it, without an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity import codes
from recoup.identity.models import GuestPass


@tenancy.action
def give_guest_token(*, merchant_id: UUID, case_id: UUID, email: str, by: str, at: datetime) -> tuple[str, datetime]:
    """Gives the token, which is told this once and kept hashed, and when it ends. It opens this case and no other.

    `email` is the address of the case. Whoever asks has found the case to be this company's.
    """
    token, expires_at = codes.new_guest_token(), at + codes.PASS_LIVES
    GuestPass.objects.create(
        merchant_id=merchant_id,
        token_hash=codes.hash_token(token),
        case_id=case_id,
        email=email,
        created_at=at,
        expires_at=expires_at,
    )
    given = events.Happening(
        merchant_id=merchant_id, at=at, kind="guest_token.given", subject_id=case_id, actor=by, data={}
    )
    events.record([given])
    return token, expires_at
