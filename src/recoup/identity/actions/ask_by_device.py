"""A device without a keyboard asks for somebody to let it act for them (RFC 8628)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from allauth.idp.oidc.models import Token
from django.db import transaction

from recoup.identity.grants import DEVICE_ASKS_EVERY_S, DEVICE_LIVES, Held, hash_of, hash_of_user_code


@transaction.atomic(durable=True)
def ask_by_device(*, app_id: UUID, device_code: str, user_code: str, scopes: Sequence[str], at: datetime) -> None:
    """Whoever types the letters within ten minutes may say yes or no to the device."""
    facts = {"user_code": hash_of_user_code(user_code), "every_s": DEVICE_ASKS_EVERY_S, "asked_at": 0, "answer": None}
    Token.objects.bulk_create(
        [
            Token(
                type=Held.DEVICE,
                hash=hash_of(device_code),
                client_id=str(app_id),
                scopes="\n".join(scopes),
                data=facts,
                created_at=at,
                expires_at=at + DEVICE_LIVES,
            )
        ]
    )
