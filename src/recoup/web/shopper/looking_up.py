"""An order we do not know: while the shopper waits a little, the merchant's own system is asked.

The page only says what is wanted and looks what came of it. A worker does the asking (recoup.orders.looking): however
slow a merchant's system is, it keeps no thread of the web busy, and so nobody else's page waiting.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from recoup.orders import actions as orders
from recoup.orders import queries

WAITS_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How far the search has come. Without an order, `may_go_on` says whether waiting longer can help."""

    order: queries.OrderView | None
    may_go_on: bool


def begin(*, merchant_id: UUID, number: str) -> None:
    """The merchant's system is asked for the order, in each form of its number, when there is one to ask."""
    if queries.connector(merchant_id=merchant_id) is not None:
        orders.want_order(merchant_id=merchant_id, numbers=_forms(number))


def search(*, merchant_id: UUID, number: str, contact: str, since: float) -> Search:
    """The order when it is known by now and belongs to the proved contact."""
    is_waiting = queries.is_looked_up(merchant_id=merchant_id, numbers=_forms(number))
    order = queries.find_for_guest(merchant_id=merchant_id, number=number, contact=contact)
    return Search(order=order, may_go_on=order is None and is_waiting and time.time() - since < WAITS_S)


def _forms(number: str) -> list[str]:
    """The number as it was typed, and in capital letters without its `#`."""
    typed = number.strip()
    return list(dict.fromkeys((typed, typed.lstrip("#").upper())))
