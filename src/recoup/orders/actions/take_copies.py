"""Store what a source says about many orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.orders import transactional
from recoup.orders.freezing import FrozenOrder
from recoup.orders.writing import Copied


@tenancy.action
def take_copies(
    *,
    merchant_id: UUID,
    orders: Sequence[FrozenOrder],
    source: str,
    at: datetime,
    is_bulk: bool = False,
    is_dry: bool = False,
) -> list[Copied]:
    """Each frozen order is stored, refreshed or refused by itself, all in one transaction; one answer per order.

    `is_bulk` uses COPY and needs the worker's role; `is_dry` answers the same and writes nothing.
    """
    return transactional.copy_orders(
        merchant_id=merchant_id, orders=orders, source=source, at=at, is_bulk=is_bulk, is_dry=is_dry
    )
