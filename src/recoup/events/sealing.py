"""The chain that makes later changes of history visible: each seal is a digest of the one before and of what was new.

A seal covers the events and state changes of transactions [from_tx, to_tx), every one of them ended before it was made,
so that nothing can come in behind it. Digests are computed where the rows are, in PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

ROWS_PER_SEAL_MAX = 5_000

#: Every column of every row, as text that depends on no setting, in an order that depends on nothing but the rows.
_ROWS = """
    SELECT e.tx, 1 AS source, e.id,
           ROW('event', e.id, e.merchant_id, e.tx, (extract(epoch FROM e.at) * 1000000)::bigint, e.kind,
                             e.subject_id, e.actor, e.data)::text AS words
      FROM events_event e WHERE e.tx >= %(from_tx)s AND e.tx < %(to_tx)s
    UNION ALL
    SELECT t.tx, 2, t.id,
           ROW('transition', t.id, t.merchant_id, t.tx, (extract(epoch FROM t.at) * 1000000)::bigint,
                             t.machine, t.subject_id, t.from_state, t.to_state)::text
      FROM events_transition t WHERE t.tx >= %(from_tx)s AND t.tx < %(to_tx)s
"""
_DIGEST = f"""
SELECT count(*), sha256(%(before)s || sha256(convert_to(
           coalesce(string_agg(words, E'\\n' ORDER BY tx, source, id), ''), 'UTF8')))
  FROM ({_ROWS}) r
"""  # noqa: S608 - SQL of our own
_LAST_OF_MANY = """
SELECT tx FROM (
    (SELECT e.tx FROM events_event e WHERE e.tx >= %(from_tx)s AND e.tx < %(horizon)s ORDER BY e.tx LIMIT %(limit)s)
    UNION ALL
    (SELECT t.tx FROM events_transition t
      WHERE t.tx >= %(from_tx)s AND t.tx < %(horizon)s ORDER BY t.tx LIMIT %(limit)s)
) r ORDER BY tx OFFSET %(limit)s - 1 LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first seal that does not fit what it seals, in words for whoever has to look."""

    seal_id: int
    from_tx: int
    to_tx: int
    words: str


def seal(*, at: datetime) -> int:
    """Everything that has ended since the last seal is sealed, at most about ROWS_PER_SEAL_MAX rows; how many.

    Two workers never seal at once: the second one finds nothing to do.
    """
    assert connection.in_atomic_block, "a seal is written in a transaction"  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('recoup seals', 0))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, s.to_tx, s.digest FROM (SELECT 1) one"
            "  LEFT JOIN (SELECT to_tx, digest FROM events_seal ORDER BY id DESC LIMIT 1) s ON true"
        )
        horizon, from_tx, before = cursor.fetchone()
        told = {"from_tx": from_tx or 0, "horizon": horizon, "limit": ROWS_PER_SEAL_MAX}
        cursor.execute(_LAST_OF_MANY, told)
        last = cursor.fetchone()
        told["to_tx"] = last[0] + 1 if last else horizon
        cursor.execute(_DIGEST, {**told, "before": bytes(before or b"")})
        row_count, digest = cursor.fetchone()
        if not row_count:
            return 0
        cursor.execute(
            "INSERT INTO events_seal (from_tx, to_tx, row_count, digest, at) VALUES (%s, %s, %s, %s, %s)",
            [told["from_tx"], told["to_tx"], row_count, digest, at],
        )
    return int(row_count)


def first_break() -> Break | None:
    """The first seal that is broken, or None when the whole chain holds. Reads every sealed row; changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, from_tx, to_tx, row_count, digest FROM events_seal ORDER BY id")
        seals = cursor.fetchall()
        before, expected_from = b"", 0
        for seal_id, from_tx, to_tx, row_count, digest in seals:
            where = {"seal_id": seal_id, "from_tx": from_tx, "to_tx": to_tx}
            if from_tx != expected_from:
                words = f"seal {seal_id} starts at {from_tx}, the one before it ended at {expected_from}"
                return Break(**where, words=words)
            cursor.execute(_DIGEST, {"before": before, "from_tx": from_tx, "to_tx": to_tx})
            found, computed = cursor.fetchone()
            if found != row_count:
                return Break(**where, words=f"seal {seal_id} was made over {row_count} rows, now there are {found}")
            if bytes(computed) != bytes(digest):
                words = (
                    f"a row of transactions {from_tx} to {to_tx - 1} is not what it was when seal {seal_id} was made"
                )
                return Break(**where, words=words)
            before, expected_from = bytes(digest), to_tx
    return None


def sealed_count() -> int:
    """How many rows stand under a seal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(row_count), 0)::bigint FROM events_seal")
        return int(cursor.fetchone()[0])
