"""An order we do not know: while the shopper waits a little, the merchant's own system is asked.

Three lines that are each safe to repeat: ask without a transaction, store what was told, look again.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recoup.kernel.errors import Refusal
from recoup.orders import actions as orders
from recoup.orders import queries
from recoup.orders.gateways import merchant_system

WAITS_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How far the search has come. Without an order, `may_go_on` says whether asking again can help."""

    order: queries.OrderView | None
    may_go_on: bool


def search(*, merchant_id: UUID, number: str, email: str, since: float, at: datetime) -> Search:
    """The order when it is known by now and belongs to the proved address; otherwise the merchant is asked for it."""
    order = queries.find_for_guest(merchant_id=merchant_id, number=number, email_or_phone=email)
    if order is not None:
        return Search(order=order, may_go_on=False)
    answers = [merchant_system.ask(merchant_id=merchant_id, number=form) for form in _forms(number)]
    for answer in answers:
        if isinstance(answer, merchant_system.Found):
            with suppress(Refusal):
                orders.take_copy(merchant_id=merchant_id, document=answer.document, source=answer.source, at=at)
    order = queries.find_for_guest(merchant_id=merchant_id, number=number, email_or_phone=email)
    is_silent = any(isinstance(answer, merchant_system.Silent) and answer.is_worth_asking_again for answer in answers)
    return Search(order=order, may_go_on=order is None and is_silent and time.time() - since < WAITS_S)


def _forms(number: str) -> list[str]:
    """The number as it was typed, and in capital letters without its `#`."""
    typed = number.strip()
    return list(dict.fromkeys((typed, typed.lstrip("#").upper())))
