"""Waking cases whose clock has come: the merchant is asked for the order, a wait in vain ends. No transaction is open
while the merchant is asked.
"""

from __future__ import annotations

from datetime import datetime

from recoup.orders import actions as orders
from recoup.refunds import actions
from recoup.refunds.actions.take_wake_ups import WakeUp
from recoup.refunds.policy import OrderStatus

BATCH = 20


def wake(*, at: datetime) -> int:
    """Every due case has had its look. Gives how many there were."""
    due = actions.take_wake_ups(limit=BATCH)
    for one in due:
        if one.is_parked and one.waits_for == "order":
            unknown = OrderStatus.UNKNOWN
            actions.order_came(merchant_id=one.merchant_id, case_id=one.case_id, fence=one.fence, answer=unknown, at=at)
        elif one.is_parked or one.waits_for != "order":
            actions.expire(merchant_id=one.merchant_id, case_id=one.case_id, fence=one.fence, at=at)
        else:
            _ask(one, at=at)
    return len(due)


def _ask(one: WakeUp, *, at: datetime) -> None:
    """Intent (the lease), gateway, answer. A silent merchant is asked again until its time is over, then a person."""
    from recoup.orders.gateways import merchant_system

    answer = merchant_system.ask(merchant_id=one.merchant_id, number=one.order_number)
    if isinstance(answer, merchant_system.Silent) and one.tries < 3:
        return
    status = OrderStatus.PLACED
    if isinstance(answer, merchant_system.Found):
        orders.take_copy(merchant_id=one.merchant_id, document=answer.document, source="connector", at=at)
    elif isinstance(answer, merchant_system.Unchanged):
        orders.confirm_copy(merchant_id=one.merchant_id, number=one.order_number, at=at)
    elif isinstance(answer, merchant_system.NotFound):
        status = OrderStatus.NOT_FOUND
    elif isinstance(answer, merchant_system.Silent):
        status = OrderStatus.UNKNOWN
    actions.order_came(merchant_id=one.merchant_id, case_id=one.case_id, fence=one.fence, answer=status, at=at)
