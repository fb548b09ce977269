"""An order we do not know: while the shopper waits a little, the merchant's own system is asked."""

from __future__ import annotations

import time
from datetime import datetime

from recoup.merchants import queries as merchants
from recoup.orders import queries as orders

WAITS_S = 20.0


def ask(*, company: merchants.Company, number: str, email: str, at: datetime) -> orders.OrderView | None:  # noqa: ARG001
    """The order when it is known by now and fits the proved address."""
    return orders.find_for_guest(merchant_id=company.id, number=number, email_or_phone=email)


def is_worth_waiting(*, company: merchants.Company, since: float) -> bool:
    """True while the merchant's system can be asked and the shopper's patience is not used up."""
    return time.time() - since < WAITS_S and merchants.connector_of(merchant_id=company.id) is not None
