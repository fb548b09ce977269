"""The key that tokens are signed with: the one after it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from recoup.identity import signing_keys
from recoup.identity.models import SigningKey
from recoup.identity.signing_keys import BELIEVED_AFTER, KEPT_BY_OTHERS


@transaction.atomic(durable=True)
def rotate_signing_key(*, at: datetime, at_once: bool = False) -> str:
    """A new key is published now and signs as soon as everybody who checks tokens has had time to read it; the one
    before is believed until the last token that it signs has ended. Gives the new one's name.

    `at_once`: somebody else has seen the old key. Nothing that it signed is believed any more, and the new one signs
    now; those who keep our keys learn of it when they meet a name that they do not know.
    """
    if at_once:
        SigningKey.objects.all().delete()
        return _kept(at=at, signs_from=at)
    if signing_keys.signing(at=at) is None:
        return _kept(at=at, signs_from=at)
    signs_from = at + KEPT_BY_OTHERS
    SigningKey.objects.filter(retires_at=None).update(retires_at=signs_from + BELIEVED_AFTER)
    return _kept(at=at, signs_from=signs_from)


def _kept(*, at: datetime, signs_from: datetime) -> str:
    key = signing_keys.new_key(at=at, signs_from=signs_from)
    SigningKey.objects.bulk_create([key])
    return key.kid
