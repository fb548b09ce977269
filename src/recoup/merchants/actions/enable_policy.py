"""A version of the policy begins to decide."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import NotFound
from recoup.merchants.models import PolicyVersion


@tenancy.action
def enable_policy(*, merchant_id: UUID, version_id: UUID, by: str, at: datetime) -> None:
    """Requests from now on are decided by this version, if no higher one is enabled. Raises NotFound."""
    if not PolicyVersion.objects.filter(merchant_id=merchant_id, id=version_id).update(enabled_at=at):
        raise NotFound("There is no such policy version")
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="policy.enabled", subject_id=version_id, actor=by)]
    )
