"""Giving a merchant's server its key."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from recoup.access import keys, tenancy
from recoup.access.models import ApiKey
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid


@tenancy.action
def create_key(
    *,
    merchant_id: UUID,
    label: str,
    scopes: Collection[str],
    by: str,
    at: datetime,
    expires_at: datetime | None = None,
    secret: str | None = None,
) -> tuple[UUID, str]:
    """A key with these scopes exists afterwards. Gives its id and its secret, which is never shown again.

    Raises Invalid for a scope that does not exist.
    """
    unknown = set(scopes) - keys.SCOPES
    if unknown:
        raise Invalid(f"there is no scope {', '.join(sorted(unknown))}; there are {', '.join(sorted(keys.SCOPES))}")
    secret = secret or keys.new_secret()
    key = ApiKey.objects.create(
        merchant_id=merchant_id,
        label=label,
        hint=secret[-4:],
        secret_hash=keys.hash_of(secret),
        scopes=sorted(scopes),
        created_at=at,
        expires_at=expires_at,
    )
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="key.created", subject_id=key.id, actor=by, data={})]
    )
    return key.id, secret
