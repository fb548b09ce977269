"""Sending what waits: intent (the lease), gateway (the company's server), answer. Each step is safe to repeat.

The endpoints of one round are served at the same time, each message by message in its own order; one that is slow
gives its place back after some seconds.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from django.db import connection

from recoup.access import sealing
from recoup.callbacks import actions, signing
from recoup.callbacks.actions.take_turns import Turn, Waiting
from recoup.callbacks.gateways import courier
from recoup.callbacks.gateways.courier import Answer

#: So many endpoints at once, of one company so many, and so long for each before others have their turn. A turn ends
#: with a message, so it may last as long as its last one: well below the lease.
AT_ONCE, EACH = 16, 4
TURN_S_MAX = 3.0

log = structlog.get_logger(__name__)


def send(*, at: datetime) -> int:
    """Every endpoint that had something due was served for a while. Gives how many there were."""
    turns = actions.take_turns(limit=AT_ONCE, each=EACH)
    if len(turns) == 1:
        _serve(turns[0], at=at)
    elif turns:
        with ThreadPoolExecutor(max_workers=len(turns), thread_name_prefix="callback") as pool:
            list(pool.map(lambda turn: _in_a_thread(turn, at=at), turns))
    return len(turns)


def _in_a_thread(turn: Turn, *, at: datetime) -> None:
    try:
        _serve(turn, at=at)
    except Exception:
        # The lease ends by itself; the other endpoints of the round go on.
        log.exception("endpoint_not_served", endpoint_id=str(turn.endpoint_id))
    finally:
        connection.close()


def _serve(turn: Turn, *, at: datetime) -> None:
    began, taken, failed = time.monotonic(), 0, 0
    waiting: Waiting | None = turn.head
    while waiting is not None:
        passed_s = time.monotonic() - began
        answer = _offer(turn, waiting, at=at + timedelta(seconds=passed_s))
        passed_s = time.monotonic() - began
        taken, failed = taken + answer.is_taken, failed + (not answer.is_taken)
        waiting = actions.note_answer(
            merchant_id=turn.merchant_id,
            turn=turn,
            sent=waiting,
            answer=answer,
            chance=random.random(),  # noqa: S311 - it spreads tries, it guards nothing
            goes_on=passed_s < TURN_S_MAX,
            at=at + timedelta(seconds=passed_s),
        )
    log.info("webhooks_sent", endpoint_id=str(turn.endpoint_id), taken=taken, failed=failed)


def _offer(turn: Turn, waiting: Waiting, *, at: datetime) -> Answer:
    body = waiting.body.encode()
    headers = signing.headers(
        message=signing.message_id(waiting.id),
        body=body,
        signed_at=int(at.timestamp()),
        secrets_now=[sealing.open_ours(sealed) for sealed in turn.sealed_at(at)],
    )
    return courier.carry(url=turn.url, body=body, headers=headers)
