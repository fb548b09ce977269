"""Sending again what failed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.callbacks import transactional, wishes
from recoup.callbacks.models import Delivery
from recoup.callbacks.states import DeliveryState


@tenancy.action
def replay_failed(*, merchant_id: UUID, endpoint_id: UUID, since: datetime, by: str, at: datetime) -> int:
    """Everything that was given up and was made since then is sent once more, in its order; how many.

    Raises NotFound, SwitchedOff.
    """
    endpoint = wishes.ready(merchant_id=merchant_id, endpoint_id=endpoint_id)
    found = Delivery.objects.filter(endpoint_id=endpoint.id, state=DeliveryState.FAILED, created_at__gte=since)
    count = transactional.put_again(endpoint=endpoint, found=found)
    told = {"since": since.isoformat(), "count": count}
    transactional.note("replayed", merchant_id=merchant_id, endpoint_id=endpoint.id, by=by, at=at, data=told)
    return count
