"""Somebody has signed in with a browser."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.db import transaction

from recoup.identity.devices import KEPT, hash_of
from recoup.identity.models import Device

#: An address has to stand there, and we keep none.
_NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens here


@transaction.atomic(durable=True)
def see_device(*, person_id: UUID, session_key: str, token: str, name: str, at: datetime) -> bool:
    """The session is listed under the browser's name, without an address. Gives whether the browser is new for them."""
    theirs = Device.objects.filter(person_id=person_id)
    theirs.filter(last_seen_at__lt=at - KEPT).delete()
    token_hash = hash_of(token)
    is_known = bool(theirs.filter(token_hash=token_hash).update(name=name, last_seen_at=at))
    if not is_known:
        new = Device(person_id=person_id, token_hash=token_hash, name=name, first_seen_at=at, last_seen_at=at)
        Device.objects.bulk_create([new], ignore_conflicts=True)
    device_id = theirs.values_list("id", flat=True).get(token_hash=token_hash)
    UserSession.objects.filter(session_key=session_key, user_id=person_id).update(
        ip=_NO_ADDRESS, user_agent=name, data={"device": str(device_id)}
    )
    return not is_known
