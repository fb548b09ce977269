"""What a company's server said is written down; what follows from it is decided here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.access import tenancy
from recoup.callbacks import schedule, transactional
from recoup.callbacks.actions.take_turns import LEASE_S, Turn, Waiting
from recoup.callbacks.gateways.courier import Answer
from recoup.callbacks.notices import tell_managers
from recoup.callbacks.states import Because, DeliveryState

#: Of a delivery that is replayed again and again, the last ones are kept.
ATTEMPTS_KEPT = 20
GONE = 410
#: These may ask for patience (RFC 9110, RFC 6585).
_PATIENT = frozenset({429, 503})

_ENDPOINT = "SELECT failing_since FROM callbacks_endpoint WHERE id = %s AND fence = %s FOR NO KEY UPDATE"
_ATTEMPT = """
UPDATE callbacks_delivery
   SET state = %(state)s, tries = %(tries)s, settled_at = %(settled_at)s,
       attempts = jsonb_path_query_array(attempts || %(attempt)s::jsonb,
                                         ('$[last - ' || %(kept)s || ' to last]')::jsonpath)
 WHERE id = %(id)s
"""
_NEXT = """
SELECT id, kind, body, tries FROM callbacks_delivery
 WHERE endpoint_id = %s AND state = %s ORDER BY sequence LIMIT 1
"""
_STAY = """
UPDATE callbacks_endpoint SET failing_since = %s, lease_until = now() + make_interval(secs => %s) WHERE id = %s
"""
_LEAVE = """
UPDATE callbacks_endpoint SET failing_since = %s, lease_until = NULL,
       next_at = CASE WHEN %s::float8 IS NOT NULL THEN now() + make_interval(secs => %s) END
 WHERE id = %s
"""


@tenancy.action
def note_answer(
    *, merchant_id: UUID, turn: Turn, sent: Waiting, answer: Answer, chance: float, goes_on: bool, at: datetime
) -> Waiting | None:
    """The attempt is in the log; the endpoint's next message when it is to be sent at once, else None.

    A message that was not taken is tried again as the schedule says, and everything behind it waits. `chance` spreads
    the tries; `goes_on` is False when the turn is over. Nothing is written by whoever has lost the endpoint meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ENDPOINT, [turn.endpoint_id, turn.fence])
        row = cursor.fetchone()
    if row is None:
        return None
    failing_since = None if answer.is_taken else row[0] or at
    wait_s = None if answer.is_taken else _wait_s(answer, tries=sent.tries + 1, chance=chance, at=at)
    _write(sent, answer, is_over=answer.is_taken or wait_s is None, at=at)
    if answer.status == GONE or schedule.is_hopeless(failing_since=failing_since, at=at):
        because = Because.GONE if answer.status == GONE else Because.FAILING
        transactional.switch_off(
            merchant_id=merchant_id, endpoint_id=turn.endpoint_id, because=because, by="clock", at=at
        )
        tell_managers(merchant_id=merchant_id, url=turn.url, because=because, at=at)
        return None
    return _what_next(turn, failing_since=failing_since, wait_s=wait_s, goes_on=goes_on and answer.is_taken)


def _wait_s(answer: Answer, *, tries: int, chance: float, at: datetime) -> float | None:
    asked = schedule.retry_after_s(answer.retry_after, at=at) if answer.status in _PATIENT else None
    return schedule.wait_s(tries=tries, chance=chance, retry_after_s=asked)


def _write(sent: Waiting, answer: Answer, *, is_over: bool, at: datetime) -> None:
    state = DeliveryState.DELIVERED if answer.is_taken else DeliveryState.FAILED if is_over else DeliveryState.WAITING
    attempt: dict[str, Any] = {
        "at": at,
        "status": answer.status,
        "took_ms": answer.took_ms,
        "answer": answer.answer,
        "problem": answer.problem,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _ATTEMPT,
            {
                "state": state.value,
                "tries": sent.tries + 1,
                "settled_at": at if is_over else None,
                "attempt": orjson.dumps([attempt]).decode(),
                "kept": ATTEMPTS_KEPT - 1,
                "id": sent.id,
            },
        )


def _what_next(turn: Turn, *, failing_since: datetime | None, wait_s: float | None, goes_on: bool) -> Waiting | None:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [turn.endpoint_id, DeliveryState.WAITING.value])
        row = cursor.fetchone()
        if row is not None and goes_on:
            cursor.execute(_STAY, [failing_since, LEASE_S, turn.endpoint_id])
            return Waiting(id=row[0], kind=row[1], body=row[2], tries=row[3])
        due_s = None if row is None else wait_s or 0.0
        cursor.execute(_LEAVE, [failing_since, due_s, due_s, turn.endpoint_id])
    return None
