"""A shopper proves that the order's e-mail address or number is theirs: step one, a code is made."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from recoup.access import tenancy
from recoup.identity import codes
from recoup.identity.models import OneTimeCode
from recoup.kernel.errors import Refusal

CODES_PER_HOUR_MAX = 6


class TooManyCodes(Refusal):
    """The address has been sent enough codes for now."""

    code = "too_many_codes"
    status = 429
    title = "Too many codes were asked for this order. Please wait an hour, or use the newest code"


@tenancy.action
def issue_code(*, merchant_id: UUID, order_number: str, contact: str, at: datetime) -> tuple[UUID, str]:
    """A code exists for ten minutes. Gives its id and the code, for the message to that contact only: an
    e-mail address in small letters, or a number in E.164.

    Raises TooManyCodes after six in an hour for one address and order.
    """
    recent = OneTimeCode.objects.filter(
        merchant_id=merchant_id, order_number=order_number, email=contact, created_at__gt=at - timedelta(hours=1)
    ).count()
    if recent >= CODES_PER_HOUR_MAX:
        raise TooManyCodes
    code = codes.new_code()
    row = OneTimeCode(
        merchant_id=merchant_id,
        order_number=order_number,
        email=contact,
        created_at=at,
        expires_at=at + codes.CODE_LIVES,
    )
    row.code_hash = codes.hash_code(code, salt=str(row.id))
    OneTimeCode.objects.bulk_create([row])
    return row.id, code
