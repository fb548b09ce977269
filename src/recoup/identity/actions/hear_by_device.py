"""What a device hears when it asks what was said to it (RFC 8628, section 3.5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.idp.oidc.models import Token
from django.db import transaction

from recoup.identity.grants import Heard, Held, hash_of


@transaction.atomic(durable=True)
def hear_by_device(*, app_id: UUID, device_code: str, at: datetime) -> Heard | None:
    """What was said so far; None for a code that this app was not given. Whoever asks too often waits longer."""
    rows = Token.objects.select_for_update(no_key=True, of=("self",))
    row = rows.filter(type=Held.DEVICE, hash=hash_of(device_code), client_id=str(app_id)).first()
    if row is None:
        return None
    if row.expires_at <= at:
        return Heard.OVER
    facts, now = row.data, at.timestamp()
    is_too_often = now < facts["asked_at"] + facts["every_s"]
    facts |= {"asked_at": now, "every_s": facts["every_s"] + (5 if is_too_often else 0)}
    Token.objects.filter(id=row.id).update(data=facts)
    if is_too_often:
        return Heard.TOO_OFTEN
    if facts["answer"] is None:
        return Heard.PENDING
    return Heard.ALLOWED if facts["answer"] else Heard.DENIED
