"""How a subscriber keeps its place in the events: each is heard once, in an order that misses no late commit.

A transaction's number is given when it starts to write, not when it commits. So a reader goes up to the oldest
transaction that is still running, never beyond: what commits later has a place that has not been read yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from recoup.events import queries
from recoup.events.queries import HeardEvent

#: An idle subscriber's place is moved on only now and then: to move it is a write.
TRANSACTIONS_WORTH_A_WRITE = 10_000


class SomebodyWasFaster(Exception):
    """Another worker moved this subscriber's place in the meantime. Nothing of this run may be committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a subscriber stands. `horizon`: everything of transactions below it can be read now."""

    name: str
    tx: int
    event_id: int
    tries: int
    suspect_id: int | None
    horizon: int


def introduce(name: str) -> None:
    """The subscriber has a place afterwards; a new one starts at the very first event."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_cursor (name, tx, event_id, tries) VALUES (%s, 0, 0, 0) ON CONFLICT DO NOTHING", [name]
        )


def count_try(name: str) -> int:
    """One more run has begun; how many have begun since the last good one."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_cursor SET tries = tries + 1 WHERE name = %s RETURNING tries", [name])
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def suspect(place: Place, event: HeardEvent) -> None:
    """If whoever hears this event alone never comes back, it was this event."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_cursor SET suspect_id = %s WHERE name = %s", [event.id, place.name])


def take_place(name: str) -> Place | None:
    """The subscriber's place, for this transaction alone; None while another worker has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tx, event_id, tries, suspect_id, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            "  FROM events_cursor WHERE name = %s AND pg_try_advisory_xact_lock(hashtextextended('hears ' || name, 0))",
            [name],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Place(name=name, tx=row[0], event_id=row[1], tries=row[2], suspect_id=row[3], horizon=row[4])


_NEXT = f"""
SELECT {queries.COLUMNS} FROM events_event e
 WHERE (e.tx, e.id) > (%s, %s) AND e.tx < %s AND e.kind = ANY(%s)
 ORDER BY e.tx, e.id LIMIT %s
"""  # noqa: S608 - column names of our own


def next_events(place: Place, *, kinds: Collection[str], limit: int) -> tuple[list[HeardEvent], bool]:
    """What comes next, in whole transactions as long as one of them holds no more than `limit` events; and whether
    that is all there is up to the horizon.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [place.tx, place.event_id, place.horizon, list(kinds), limit + 1])
        found = [queries.heard(row) for row in cursor.fetchall()]
    if len(found) <= limit:
        return found, True
    whole = [event for event in found if event.tx != found[-1].tx]
    return whole or found[:limit], False


def move_on(place: Place, heard: Sequence[HeardEvent], *, is_all: bool) -> None:
    """The place is behind what was heard. `is_all`: nothing else of its kinds is up to the horizon.

    Raises SomebodyWasFaster.
    """
    tx, event_id = (heard[-1].tx, heard[-1].id) if heard else (place.tx, place.event_id)
    if is_all and (heard or place.horizon - place.tx > TRANSACTIONS_WORTH_A_WRITE):
        tx, event_id = max((tx, event_id), (place.horizon, 0))
    if (tx, event_id) == (place.tx, place.event_id) and not place.tries and place.suspect_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_cursor SET tx = %s, event_id = %s, tries = 0, suspect_id = NULL"
            " WHERE name = %s AND tx = %s AND event_id = %s",
            [tx, event_id, place.name, place.tx, place.event_id],
        )
        if cursor.rowcount != 1:
            raise SomebodyWasFaster(place.name)


def step_over(place: Place, event: HeardEvent, *, tries: int) -> None:
    """The place is behind this one event; `tries` says whether the subscriber goes on one by one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_cursor SET tx = %s, event_id = %s, tries = %s, suspect_id = NULL"
            " WHERE name = %s AND tx = %s AND event_id = %s",
            [event.tx, event.id, tries, place.name, place.tx, place.event_id],
        )
        if cursor.rowcount != 1:
            raise SomebodyWasFaster(place.name)
