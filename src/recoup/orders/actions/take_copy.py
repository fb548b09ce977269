"""Store what a source says about one order."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.orders import freezing, transactional
from recoup.orders.documents import OrderDocument


@tenancy.action
def take_copy(*, merchant_id: UUID, document: OrderDocument, source: str, at: datetime) -> UUID:
    """We have a copy of the order, as fresh as the document; its id.

    Money facts that a capture or a claim has frozen stay as they are; what the document said otherwise is noted in the
    order's `differences`. Raises NotAnOrder, SumsDiffer, NoRailAccount, ChargeTaken.
    """
    order = freezing.freeze(document)
    (copied,) = transactional.copy_orders(merchant_id=merchant_id, orders=[order], source=source, at=at)
    if copied.order_id is None:
        raise copied.refusal or AssertionError("a copy is stored or refused")
    return copied.order_id
