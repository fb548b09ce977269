"""Sending a message again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.callbacks import transactional, wishes
from recoup.callbacks.models import Delivery
from recoup.kernel.errors import NotFound


@tenancy.action
def replay(*, merchant_id: UUID, endpoint_id: UUID, delivery_id: UUID, by: str, at: datetime) -> None:
    """The message is sent once more, the same byte for byte, with the same id and number; one that still waits, now.

    Raises NotFound, SwitchedOff.
    """
    endpoint = wishes.ready(merchant_id=merchant_id, endpoint_id=endpoint_id)
    if not transactional.put_again(
        endpoint=endpoint, found=Delivery.objects.filter(endpoint_id=endpoint.id, id=delivery_id)
    ):
        raise NotFound("There is no such delivery")
    told = {"delivery": str(delivery_id)}
    transactional.note("replayed", merchant_id=merchant_id, endpoint_id=endpoint.id, by=by, at=at, data=told)
