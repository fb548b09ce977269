"""Giving a merchant's server its key."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from recoup.access import keys, queries, tenancy
from recoup.access.models import ApiKey
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid, Refusal

LIMIT_MAX = 10**15


class LimitTooHigh(Refusal):
    """A key cannot make one that may approve more than itself."""

    code = "ACCESS_DENIED"
    status = 403
    title = "The new key could approve more than the one that asks; give it a limit that is not higher"


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
    approve_limit_minor: int | None = None,
) -> tuple[UUID, str]:
    """A key with these scopes exists afterwards. Gives its id and its secret, which is never shown again.

    `approve_limit_minor`: how much it may approve alone, in minor units of the company's currency; None: as much as the
    company lets keys. Raises Invalid, LimitTooHigh.
    """
    unknown = set(scopes) - keys.SCOPES
    if unknown:
        raise Invalid(f"there is no scope {', '.join(sorted(unknown))}; there are {', '.join(sorted(keys.SCOPES))}")
    if approve_limit_minor is not None and not 0 <= approve_limit_minor <= LIMIT_MAX:
        raise Invalid("a limit is an amount of 0 or more")
    if queries.is_above(approve_limit_minor, of_asker=queries.limit_of_asker(by, merchant_id=merchant_id, at=at)):
        raise LimitTooHigh
    secret = secret or keys.new_secret()
    key = ApiKey.objects.create(
        merchant_id=merchant_id,
        label=label,
        hint=secret[-4:],
        secret_hash=keys.hash_of(secret),
        scopes=sorted(scopes),
        approve_limit_minor=approve_limit_minor,
        created_at=at,
        expires_at=expires_at,
    )
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="key.created", subject_id=key.id, actor=by, data={})]
    )
    return key.id, secret
