"""Giving a company, or one of its keys, another limit than everybody's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.access.limits_rules import OF_KEYS, RULES
from recoup.access.models import ApiKey, Limit
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid, NotFound


@tenancy.action
def set_limit(
    *, merchant_id: UUID, bucket: str, quota: int, window_s: int, by: str, at: datetime, key_id: UUID | None = None
) -> None:
    """From the next purse on, `quota` in `window_s` seconds holds for the company, or for that key of it.

    Raises Invalid for what cannot be set, NotFound for a key that is not the company's.
    """
    rule = RULES.get(bucket)
    if rule is None or not rule.is_settable:
        settable = ", ".join(name for name, each in RULES.items() if each.is_settable)
        raise Invalid(f"{bucket} cannot be set for a company; these can: {settable}")
    if not (0 < quota <= 10**9 and 0 < window_s <= 366 * 86_400):
        raise Invalid("A limit is 1 or more, in 1 second to 366 days")
    if key_id is not None and bucket not in OF_KEYS:
        raise Invalid(f"{bucket} is the whole company's; for a single key there are {', '.join(sorted(OF_KEYS))}")
    if key_id is not None and not ApiKey.objects.filter(id=key_id, revoked_at=None).exists():
        raise NotFound("There is no such key")
    Limit.objects.update_or_create(
        merchant_id=merchant_id,
        key_id=key_id,
        bucket=bucket,
        defaults={"quota": quota, "window_s": window_s, "set_by": by, "set_at": at},
    )
    told = {"bucket": bucket, "quota": quota, "window_s": window_s}
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="limit.set", subject_id=key_id or merchant_id, actor=by, data=told
            )
        ]
    )
