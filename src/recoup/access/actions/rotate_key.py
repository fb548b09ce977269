"""Replacing a key without a gap."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from recoup.access import keys, principals, queries, tenancy
from recoup.access.models import ApiKey
from recoup.events import transactional as events
from recoup.kernel.errors import NotFound, Refusal

OVERLAP = timedelta(hours=24)


class KeyCanDoMore(Refusal):
    """Whoever rotates a key learns the secret of the new one, so it may not open more than theirs does."""

    code = "ACCESS_DENIED"
    status = 403
    title = "That key may do more than the one that asks"


@tenancy.action
def rotate_key(
    *, merchant_id: UUID, key_id: UUID, by: str, at: datetime, within: Collection[str] = keys.SCOPES
) -> tuple[UUID, str]:
    """A new key with the same scopes, limit and end exists; the old one works for another day at most.

    Gives the new id and secret. `within`: what the asker may do. Raises NotFound, KeyCanDoMore.
    """
    old = ApiKey.objects.select_for_update().filter(id=key_id, revoked_at=None).first()
    if old is None:
        raise NotFound("There is no such key")
    of_asker = queries.limit_of_asker(by, merchant_id=merchant_id, at=at)
    if set(old.scopes) - set(within) or queries.is_above(old.approve_limit_minor, of_asker=of_asker):
        raise KeyCanDoMore
    secret = keys.new_secret()
    new = ApiKey.objects.create(
        merchant_id=merchant_id,
        label=old.label,
        hint=secret[-4:],
        secret_hash=keys.hash_of(secret),
        scopes=old.scopes,
        approve_limit_minor=old.approve_limit_minor,
        created_at=at,
        expires_at=old.expires_at,
    )
    ends_at = min(old.expires_at, at + OVERLAP) if old.expires_at else at + OVERLAP
    ApiKey.objects.filter(id=key_id).update(expires_at=ends_at)
    transaction.on_commit(principals.forget)
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="key.rotated", subject_id=key_id, actor=by, data={"new": new.id}
            )
        ]
    )
    return new.id, secret
