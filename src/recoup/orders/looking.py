"""Asking merchants' systems for the orders that shoppers wait for: the worker's work, so that a system that is slow or
down holds up no page. Intent (the lease), gateway, answer.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from django.db import connection

from recoup.kernel.errors import Refusal
from recoup.orders import actions
from recoup.orders.actions.take_look_ups import WantedOrder
from recoup.orders.gateways import merchant_system
from recoup.orders.states import LookUpOutcome

#: So many systems are asked at once, and so often one that stays silent, each time within its own limit.
AT_ONCE, EACH, TRIES_MAX = 8, 2, 4


def look(*, at: datetime) -> int:
    """Every order that is wanted now was asked for. Gives how many there were."""
    wanted = actions.take_look_ups(limit=AT_ONCE, each=EACH)
    if len(wanted) == 1:
        _ask(wanted[0], at=at)
    elif wanted:
        with ThreadPoolExecutor(max_workers=len(wanted), thread_name_prefix="look-up") as pool:
            list(pool.map(lambda one: _in_a_thread(one, at=at), wanted))
    return len(wanted)


def _in_a_thread(one: WantedOrder, *, at: datetime) -> None:
    try:
        _ask(one, at=at)
    finally:
        connection.close()


def _ask(one: WantedOrder, *, at: datetime) -> None:
    outcome = LookUpOutcome.SILENT
    if one.tries <= TRIES_MAX:
        answer = merchant_system.ask(merchant_id=one.merchant_id, number=one.number)
        outcome = _outcome(answer, one)
        if isinstance(answer, merchant_system.Found):
            with suppress(Refusal):
                actions.take_copy(merchant_id=one.merchant_id, document=answer.document, source=answer.source, at=at)
    actions.answer_look_up(merchant_id=one.merchant_id, look_up_id=one.id, fence=one.fence, outcome=outcome, at=at)


def _outcome(answer: merchant_system.Answer, one: WantedOrder) -> LookUpOutcome:
    if isinstance(answer, merchant_system.NotFound):
        return LookUpOutcome.NOT_FOUND
    if isinstance(answer, merchant_system.Silent):
        may_answer_yet = answer.is_worth_asking_again and one.tries < TRIES_MAX
        return LookUpOutcome.WAITING if may_answer_yet else LookUpOutcome.SILENT
    return LookUpOutcome.FOUND
