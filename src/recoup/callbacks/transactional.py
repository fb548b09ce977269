"""Putting messages in line for companies' endpoints, and switching an endpoint off, inside a transaction of others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from recoup.callbacks import catalogue
from recoup.callbacks.models import Delivery, Endpoint
from recoup.callbacks.states import Because, DeliveryState
from recoup.events import transactional as events
from recoup.events.queries import HeardEvent
from recoup.events.transactional import Happening
from recoup.kernel import ids
from recoup.kernel.rows import as_rows, insert_into

CHANNEL = "recoup_callbacks"

#: In the order in which everybody locks them. An endpoint hears what happened since it was switched on.
_LISTENERS = """
SELECT id, merchant_id, kinds, active_since, last_sequence FROM callbacks_endpoint
 WHERE merchant_id = ANY(%s) AND active_since IS NOT NULL ORDER BY id FOR NO KEY UPDATE
"""
_COLUMNS = "id merchant_id endpoint_id sequence event_id kind body created_at state tries attempts".split()
_WAKE = """
UPDATE callbacks_endpoint e SET last_sequence = t.last_sequence, next_at = coalesce(e.next_at, now())
  FROM unnest(%s::uuid[], %s::bigint[]) AS t (id, last_sequence) WHERE e.id = t.id
"""
_TOLD = "SELECT endpoint_id, event_id FROM callbacks_delivery WHERE endpoint_id = ANY(%s) AND event_id = ANY(%s)"
_CASES = """
SELECT id, number, order_number, currency, amount_requested_minor, amount_minor FROM refunds_case WHERE id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class _Listener:
    id: UUID
    merchant_id: UUID
    kinds: Sequence[str]
    active_since: datetime
    last_sequence: int

    def wants(self, event: HeardEvent) -> bool:
        return (
            event.merchant_id == self.merchant_id
            and event.at >= self.active_since
            and catalogue.KINDS[event.kind].name in self.kinds
        )


def tell_companies(heard: Sequence[HeardEvent], *, at: datetime) -> None:
    """Whoever wants to hear of these events has one message in line for each, in order, however often it is told.

    One look when nobody does.
    """
    listeners = _listeners({event.merchant_id for event in heard})
    if not listeners:
        return
    wanted = _still_to_tell([(one, [event for event in heard if one.wants(event)]) for one in listeners])
    facts = _facts({event.case_id for _, told in wanted for event in told if event.case_id})
    rows: list[dict[str, Any]] = []
    woken: dict[UUID, int] = {}
    for listener, told in wanted:
        sequence = listener.last_sequence
        for event in told:
            data = _data(event, facts)
            if data is not None:
                sequence += 1
                row = _row(
                    (listener.merchant_id, listener.id),
                    catalogue.KINDS[event.kind].name,
                    data,
                    sequence=sequence,
                    happened_at=event.at,
                    event_id=event.id,
                    at=at,
                )
                rows.append(row)
                woken[listener.id] = sequence
    _put_in_line(rows, woken)


def put_test_in_line(*, merchant_id: UUID, endpoint_id: UUID, last_sequence: int, at: datetime) -> UUID:
    """A test message waits behind the others of the endpoint, whose row the caller has locked. Gives its id."""
    row = _row(
        (merchant_id, endpoint_id),
        catalogue.TEST,
        {"endpoint_id": endpoint_id},
        sequence=last_sequence + 1,
        happened_at=at,
        event_id=None,
        at=at,
    )
    _put_in_line([row], {endpoint_id: last_sequence + 1})
    return UUID(str(row["id"]))


def put_again(*, endpoint: Endpoint, found: QuerySet[Delivery]) -> int:
    """These deliveries of the endpoint, whose row the caller has locked, wait again, and it is due now; how many."""
    count = found.update(state=DeliveryState.WAITING, tries=0, settled_at=None)
    if count:
        # Nobody has to wait out the schedule of an older failure when a person says "now".
        Endpoint.objects.filter(id=endpoint.id).update(next_at=Now())
        ring()
    return count


_SWITCH_OFF = """
UPDATE callbacks_endpoint SET active_since = NULL, disabled_because = %s, next_at = NULL, lease_until = NULL,
       fence = fence + 1
 WHERE id = %s
"""
_GIVE_UP = """
UPDATE callbacks_delivery SET state = %s, settled_at = %s WHERE endpoint_id = %s AND state = %s
"""


def switch_off(*, merchant_id: UUID, endpoint_id: UUID, because: Because, by: str, at: datetime) -> None:
    """The endpoint hears nothing more; what waits for it is given up, and can be replayed."""
    with connection.cursor() as cursor:
        cursor.execute(_SWITCH_OFF, [because.value, endpoint_id])
        cursor.execute(_GIVE_UP, [DeliveryState.FAILED.value, at, endpoint_id, DeliveryState.WAITING.value])
    note("switched_off", merchant_id=merchant_id, endpoint_id=endpoint_id, by=by, at=at, data={"because": because})


def note(
    what: str, *, merchant_id: UUID, endpoint_id: UUID, by: str, at: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """Something was done with an endpoint, by somebody. Its address is not told: it may hold a secret."""
    events.record(
        [
            Happening(
                merchant_id=merchant_id,
                at=at,
                kind=f"webhook_endpoint.{what}",
                subject_id=endpoint_id,
                actor=by,
                data=data or {},
            )
        ]
    )


def ring() -> None:
    """The worker looks at the endpoints once this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def _listeners(merchant_ids: Collection[UUID]) -> list[_Listener]:
    assert connection.in_atomic_block, "messages are put in line in the transaction that is their reason"  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute(_LISTENERS, [list(merchant_ids)])
        return [_Listener(*row) for row in cursor.fetchall()]


def _still_to_tell(
    wanted: Iterable[tuple[_Listener, list[HeardEvent]]],
) -> list[tuple[_Listener, list[HeardEvent]]]:
    """Without what a listener has in line already. Whoever else tells them waits for the locks of `_listeners`, so
    nothing comes between; and a number that a message took is never left unused, as a conflict would leave it.
    """
    pairs = [(listener, told) for listener, told in wanted if told]
    if not pairs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [[one.id for one, _ in pairs], [event.id for _, told in pairs for event in told]])
        known = set(cursor.fetchall())
    return [(one, [event for event in told if (one.id, event.id) not in known]) for one, told in pairs]


def _facts(case_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    wanted = list(case_ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [wanted])
        names = ("refund_id", "number", "order_number", "currency", "amount_requested_minor", "amount_minor")
        return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def _data(event: HeardEvent, facts: Mapping[UUID, dict[str, Any]]) -> dict[str, Any] | None:
    """What is told of the event: names and sums, nothing about a person. None when its case is gone."""
    case = facts.get(event.case_id) if event.case_id else None
    if case is None:
        return None
    if event.kind.startswith("case."):
        return case
    return {
        "payout_id": event.subject_id,
        "refund_id": case["refund_id"],
        "number": case["number"],
        "order_number": case["order_number"],
        "currency": event.data.get("currency") or case["currency"],
        "amount_minor": int(event.data.get("amount_minor") or 0),
    }


def _row(
    listener: tuple[UUID, UUID],
    type_: str,
    data: Mapping[str, Any],
    *,
    sequence: int,
    happened_at: datetime,
    event_id: int | None,
    at: datetime,
) -> dict[str, Any]:
    """A delivery for a listener: company and endpoint. Its body is written once and never changes."""
    told = {
        "type": type_,
        "version": catalogue.VERSION,
        "timestamp": happened_at,
        "sequence": sequence,
        "data": data,
    }
    return {
        "id": ids.uuid7(),
        "merchant_id": listener[0],
        "endpoint_id": listener[1],
        "sequence": sequence,
        "event_id": event_id,
        "kind": type_,
        "body": orjson.dumps(told).decode(),
        "created_at": at,
        "state": DeliveryState.WAITING.value,
        "tries": 0,
        "attempts": [],
    }


def _put_in_line(rows: Sequence[Mapping[str, Any]], woken: Mapping[UUID, int]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(insert_into("callbacks_delivery", _COLUMNS), [as_rows(rows)])
        cursor.execute(_WAKE, [list(woken), list(woken.values())])
    ring()
