"""Step two: the code comes back, and a guest pass is given for it."""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.identity import codes
from recoup.identity.models import GuestPass, OneTimeCode
from recoup.kernel.errors import Refusal


class CodeWrong(Refusal):
    """The code is wrong, old, used, or was tried too often: one answer for all."""

    code = "code_wrong"
    status = 403
    title = "That code does not work. Check the newest mail from us, or ask for a new code"


@tenancy.action
def accept_code(
    *, merchant_id: UUID, order_number: str, contact: str, code: str, at: datetime, order_id: UUID | None
) -> str | None:
    """A guest pass exists afterwards; gives its token. None when the code is wrong: the try has been counted.

    Answers None instead of raising, so that the counted try is committed. Doors turn None into CodeWrong.
    """
    row = (
        OneTimeCode.objects.select_for_update(no_key=True)
        .filter(merchant_id=merchant_id, order_number=order_number, email=contact, used_at=None, expires_at__gt=at)
        .order_by("-created_at")
        .first()
    )
    if row is None or row.tries >= codes.TRIES_MAX:
        return None
    is_right = hmac.compare_digest(bytes(row.code_hash), codes.hash_code(code.strip(), salt=str(row.id)))
    OneTimeCode.objects.filter(id=row.id).update(tries=row.tries + 1, used_at=at if is_right else None)
    if not is_right:
        return None
    token = codes.new_token()
    GuestPass.objects.create(
        merchant_id=merchant_id,
        token_hash=codes.hash_token(token),
        order_id=order_id,
        email=contact,
        created_at=at,
        expires_at=at + codes.PASS_LIVES,
    )
    return token
