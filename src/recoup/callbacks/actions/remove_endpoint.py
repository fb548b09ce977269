"""A company does not want to be told there any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.callbacks import transactional, wishes
from recoup.callbacks.models import Delivery, Endpoint


@tenancy.action
def remove_endpoint(*, merchant_id: UUID, endpoint_id: UUID, by: str, at: datetime) -> None:
    """The endpoint, its secret and its log are gone. What is on its way at this moment may still arrive.

    Raises NotFound.
    """
    row = wishes.locked(merchant_id=merchant_id, endpoint_id=endpoint_id)
    Delivery.objects.filter(endpoint_id=row.id).delete()
    Endpoint.objects.filter(id=row.id).delete()
    transactional.note("removed", merchant_id=merchant_id, endpoint_id=endpoint_id, by=by, at=at)
