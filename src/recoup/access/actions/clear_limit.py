"""A company, or one of its keys, has everybody's limit again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.access.models import Limit
from recoup.events import transactional as events
from recoup.kernel.errors import NotFound


@tenancy.action
def clear_limit(*, merchant_id: UUID, bucket: str, by: str, at: datetime, key_id: UUID | None = None) -> None:
    """The usual limit holds again from the next purse on. Raises NotFound when none was set."""
    gone, _ = Limit.objects.filter(merchant_id=merchant_id, key_id=key_id, bucket=bucket).delete()
    if not gone:
        raise NotFound("No such limit was set")
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id,
                at=at,
                kind="limit.cleared",
                subject_id=key_id or merchant_id,
                actor=by,
                data={"bucket": bucket},
            )
        ]
    )
