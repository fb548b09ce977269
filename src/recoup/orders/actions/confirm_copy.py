"""Write down that the merchant's own system still has what we have."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.orders.models import Order


@tenancy.action
def confirm_copy(*, merchant_id: UUID, number: str, at: datetime) -> None:
    """Our copy of the order is as fresh as `at`."""
    Order.objects.filter(merchant_id=merchant_id, number=number, as_of__lt=at).update(as_of=at)
