"""The key that tokens are signed with: the first one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from recoup.identity import signing_keys
from recoup.identity.models import SigningKey


@transaction.atomic(durable=True)
def make_signing_key(*, at: datetime) -> str:
    """There is a key that signs now; the first one is made. Two that are made at once are both good."""
    there = signing_keys.signing(at=at)
    if there is not None:
        return there[0]
    key = signing_keys.new_key(at=at, signs_from=at)
    SigningKey.objects.bulk_create([key])
    return key.kid
