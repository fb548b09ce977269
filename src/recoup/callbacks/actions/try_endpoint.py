"""Somebody wants to see whether an endpoint works."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.callbacks import transactional, wishes


@tenancy.action
def try_endpoint(*, merchant_id: UUID, endpoint_id: UUID, by: str, at: datetime) -> UUID:
    """A test message waits for its turn behind what waits already. Gives the delivery's id.

    Raises NotFound, SwitchedOff.
    """
    row = wishes.ready(merchant_id=merchant_id, endpoint_id=endpoint_id)
    transactional.note("tried", merchant_id=merchant_id, endpoint_id=row.id, by=by, at=at)
    return transactional.put_test_in_line(
        merchant_id=merchant_id, endpoint_id=row.id, last_sequence=row.last_sequence, at=at
    )
