"""Reads what the rails know beside our payouts, in a thread and on a connection of its own: it holds up no payment.

One charge's refunds when somebody wishes it, and every account's newest refunds again and again. What does not agree
with our payouts is written down as a sighting; the product weighs it. Nothing is paid or changed from here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import stripe

from recoup_vault.amounts import NotPayable, from_stripe
from recoup_vault.boxes import Boxes
from recoup_vault.desk import SESSION, Connection
from recoup_vault.lines import Lines
from recoup_vault.log import say
from recoup_vault.stripe_rail import STRANGE, StripeRail

#: A reading that is not ended by then is begun again by whoever comes.
LEASE_SECONDS = 60
#: An account's newest refunds are read so often; one that does not answer rests so long.
ACCOUNT_EVERY_SECONDS = 600
REST_SECONDS = 60
#: A charge is read when it is wished, and again after these times: what failed can succeed, what succeeded can fail.
CHARGE_AGAIN_SECONDS = (86_400, 7 * 86_400, 30 * 86_400)
#: The first reading of an account goes back so far, or so many pages.
FIRST_SECONDS = 90 * 86_400
PAGES_MAX = 40
SWEEP_SECONDS = 1.0
#: What is still being read then is left to the next reader.
STOP_SECONDS = 3.0

_CLAIM = """
UPDATE payments_reading r SET fence = r.fence + 1, next_at = now() + %(lease)s * interval '1 second'
  FROM (SELECT w.id FROM payments_reading w
         WHERE w.next_at <= now()
           AND EXISTS (SELECT FROM payments_railaccount a WHERE a.id = w.rail_account_id AND a.is_enabled)
         ORDER BY w.next_at LIMIT 1 FOR NO KEY UPDATE OF w SKIP LOCKED) AS due
 WHERE r.id = due.id
RETURNING r.id, r.merchant_id, r.rail_account_id, r.provider_charge_id, r.cursor, r.turn, r.fence, r.next_at,
          clock_timestamp(), (extract(epoch FROM now()) - %(first)s)::bigint
"""

#: A refund that our payout holds in the same sense is no news, nor is a dead one that was never counted, nor one of a
#: payout whose own call is under way. All else is written; of one refund only the latest sight.
_SIGHT = """
INSERT INTO payments_sighting (id, merchant_id, rail_account_id, provider_refund_id, provider_charge_id,
                               provider_intent_id, payout_id, status, amount_minor, currency, seen_at, next_at)
SELECT gen_random_uuid(), %(merchant)s, %(account)s, r.refund_id, r.charge_id, r.intent_id, r.payout_id, r.status,
       r.amount_minor, r.currency, %(seen_at)s, now()
  FROM unnest(%(refunds)s::text[], %(charges)s::text[], %(intents)s::text[], %(payouts)s::uuid[], %(statuses)s::text[],
              %(amounts)s::bigint[], %(currencies)s::text[])
       AS r (refund_id, charge_id, intent_id, payout_id, status, amount_minor, currency)
  LEFT JOIN payments_payout held ON held.rail_account_id = %(account)s AND held.provider_refund_id = r.refund_id
  LEFT JOIN payments_payout named ON named.rail_account_id = %(account)s AND named.id = r.payout_id
  LEFT JOIN payments_sighting s ON s.rail_account_id = %(account)s AND s.provider_refund_id = r.refund_id
 WHERE CASE WHEN s.id IS NOT NULL THEN true
            WHEN held.id IS NOT NULL
                THEN (held.state IN ('failed', 'reversed', 'canceled')) <> (r.status IN ('failed', 'canceled'))
            WHEN named.state IN ('submitting', 'unknown') THEN false
            ELSE r.status NOT IN ('failed', 'canceled') END
 ORDER BY r.refund_id
ON CONFLICT (rail_account_id, provider_refund_id) DO UPDATE
   SET status = excluded.status, payout_id = coalesce(excluded.payout_id, payments_sighting.payout_id),
       seen_at = excluded.seen_at, tries = 0, next_at = now()
 WHERE payments_sighting.seen_at <= excluded.seen_at
"""

#: Only as long as nobody else has it, and nobody has wished it anew.
_FINISH = """
UPDATE payments_reading SET next_at = now() + %s * interval '1 second', turn = %s, cursor = %s
 WHERE id = %s AND fence = %s AND next_at = %s
"""
_REST = """
UPDATE payments_reading SET next_at = now() + %s * interval '1 second' WHERE rail_account_id = %s AND next_at <= now()
"""


@dataclass(frozen=True, slots=True)
class _Reading:
    id: int
    merchant_id: UUID
    rail_account_id: UUID
    charge_id: str
    cursor: str | None
    turn: int
    fence: int
    claimed_until: datetime
    began_at: datetime
    first_s: int


class Reader:
    """One reader. Several may run; a reading done twice changes nothing."""

    def __init__(self, *, database_url: str, boxes: Boxes, lines: Lines) -> None:
        self._url = database_url
        self._boxes = boxes
        self._lines = lines
        self._ends = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Inside, the reader reads in a thread of its own."""
        thread = threading.Thread(target=self._run, name="reader", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ends.set()
            thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                with self._connected() as connection:
                    self._serve(connection)
            except psycopg.Error as problem:
                say("reader_lost_database", level="warning", why=type(problem).__name__)
            except Exception as problem:  # noqa: BLE001 - what is wrong with one reading must not end all others
                say("reader_broke", level="error", why=type(problem).__name__)
            self._ends.wait(SWEEP_SECONDS)
        self._lines.close()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with psycopg.connect(
            self._url, autocommit=True, connect_timeout=5, application_name="recoup_vault_reader", options=SESSION
        ) as connection:
            connection.execute("SELECT set_config('recoup.every_merchant', 'on', false)")
            connection.execute("LISTEN recoup_readings")
            yield connection

    def _serve(self, connection: Connection) -> None:
        while not self._ends.is_set():
            while not self._ends.is_set() and self._read_one(connection):
                pass
            for _ in connection.notifies(timeout=SWEEP_SECONDS, stop_after=1):
                pass

    def _read_one(self, connection: Connection) -> bool:
        """One reading, if one is due; whether there may be more."""
        values = {"lease": LEASE_SECONDS, "first": FIRST_SECONDS}
        row = connection.execute(_CLAIM, values).fetchone()
        if row is None:
            return False
        reading = _Reading(*row)  # type: ignore[arg-type]
        rail = self._boxes.rail_of(connection, reading.rail_account_id)
        try:
            if rail is None:
                raise stripe.AuthenticationError("no key")
            if reading.charge_id:
                self._read_charge(connection, rail, reading)
            else:
                self._read_account(connection, rail, reading)
        except (stripe.StripeError, *STRANGE) as problem:
            say("reading_failed", level="warning", rail_account=reading.rail_account_id, why=type(problem).__name__)
            self._boxes.forget(reading.rail_account_id)
            connection.execute(_REST, [REST_SECONDS, reading.rail_account_id])
        return True

    def _read_charge(self, connection: Connection, rail: StripeRail, reading: _Reading) -> None:
        _sight(connection, reading, rail.refunds_of(reading.charge_id))
        is_last = reading.turn >= len(CHARGE_AGAIN_SECONDS)
        again_s = None if is_last else CHARGE_AGAIN_SECONDS[reading.turn]
        _finish(connection, reading, again_s=again_s, turn=reading.turn + (not is_last), cursor=None)

    def _read_account(self, connection: Connection, rail: StripeRail, reading: _Reading) -> None:
        """From the newest refund that was read on; an account that was never read, from a while ago on."""
        cursor, is_more = reading.cursor, False
        if cursor is None or not rail.knows(cursor):
            refunds = rail.refunds_since(reading.first_s, pages=PAGES_MAX)
            _sight(connection, reading, refunds)
            cursor = str(refunds[0]["id"]) if refunds else None
        else:
            refunds, is_more = rail.refunds_after(cursor, pages=PAGES_MAX)
            _sight(connection, reading, refunds)
            cursor = str(refunds[-1]["id"]) if refunds else cursor
        again_s = 0 if is_more else ACCOUNT_EVERY_SECONDS
        _finish(connection, reading, again_s=again_s, turn=0, cursor=cursor)


def _finish(connection: Connection, reading: _Reading, *, again_s: int | None, turn: int, cursor: str | None) -> None:
    values = [again_s, turn, cursor, reading.id, reading.fence, reading.claimed_until]
    connection.execute(_FINISH, values)


def _sight(connection: Connection, reading: _Reading, refunds: Sequence[Mapping[str, Any]]) -> None:
    """What does not agree with our payouts is a sighting afterwards."""
    seen = {one["refund"]: one for one in map(_seen, refunds) if one is not None}
    if not seen:
        return
    columns = {f"{name}s": [one[name] for one in seen.values()] for name in ("refund", "charge", "intent", "payout")}
    columns |= {"statuses": [one["status"] for one in seen.values()]}
    columns |= {"amounts": [one["amount"] for one in seen.values()]}
    columns |= {"currencies": [one["currency"] for one in seen.values()]}
    told = {"merchant": reading.merchant_id, "account": reading.rail_account_id, "seen_at": reading.began_at}
    if connection.execute(_SIGHT, {**told, **columns}).rowcount:
        connection.execute("SELECT pg_notify('recoup_sightings', '')")


def _seen(refund: Mapping[str, Any]) -> dict[str, Any] | None:
    """A refund in our words; None, with a line in the log, for one that cannot be read."""
    try:
        currency = str(refund["currency"]).upper()
        return {
            "refund": str(refund["id"]),
            "charge": _name(refund.get("charge")),
            "intent": _name(refund.get("payment_intent")),
            "payout": _uuid((refund.get("metadata") or {}).get("recoup_payout")),
            "status": str(refund["status"]),
            "amount": from_stripe(int(refund["amount"]), currency),
            "currency": currency,
        }
    except (NotPayable, *STRANGE) as problem:
        say("refund_unreadable", level="error", why=type(problem).__name__)
        return None


def _name(told: object) -> str | None:
    return told if isinstance(told, str) else None


def _uuid(told: object) -> UUID | None:
    with suppress(ValueError):
        return UUID(str(told)) if told else None
    return None
