"""A person's authenticator app is set up for them: for the practice world, and for an operator's first sign-in."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction

from recoup.access import sealing


@transaction.atomic(durable=True)
def give_authenticator(*, person_id: UUID, secret: str) -> None:
    """The app with that base32 secret proves the person (RFC 6238: six digits, 30 seconds); an earlier one no more."""
    Authenticator.objects.update_or_create(
        user_id=person_id,
        type=Authenticator.Type.TOTP,
        defaults={"data": {"secret": sealing.seal_for_us(secret).hex()}},
    )
