"""A new version of a merchant's decision tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.merchants.models import PolicyVersion


@tenancy.action
def add_policy(
    *, merchant_id: UUID, document: Mapping[str, Any], content_hash: str, note: str, by: str, at: datetime
) -> UUID:
    """The version exists, not enabled. The caller has validated it with `refunds.policy.read_policy`."""
    highest = PolicyVersion.objects.filter(merchant_id=merchant_id).aggregate(Max("number"))["number__max"] or 0
    version = PolicyVersion.objects.create(
        merchant_id=merchant_id,
        number=highest + 1,
        document=dict(document),
        content_hash=content_hash,
        note=note,
        created_by=by,
        created_at=at,
    )
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="policy.added", subject_id=version.id, actor=by)]
    )
    return version.id
