"""The vault's side of the database: claims payouts in one statement, writes answers, and hears the doorbell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

import psycopg

from recoup.kernel import ids, signs
from recoup.kernel.clock import now
from recoup_vault.boxes import Boxes
from recoup_vault.lines import now_s
from recoup_vault.log import say
from recoup_vault.stripe_rail import StripeRail
from recoup_vault.words import Claim, Said

LEASE_SECONDS = 15
#: Fair among the payouts that have waited longest; more are not compared at once.
WINDOW = 500
#: Claims of a payout that were never answered, before it is claimed alone, so that it cannot take others down with it.
CRASHES_MAX = 2

#: Every statement here finds its rows by an index. A plan made while the tables were small must not say otherwise: it
#: is kept, and reads whole tables for the first thousand payouts of a young database (10 ms each instead of 1).
SESSION = (
    "-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=20s"
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
)

#: Lease and time are checked again in `picked`, on the row as it is once it is locked. A lease that has ended is looked
#: into, but an answer that the product has not applied yet keeps its payout from being claimed again.
_CLAIM = """
WITH waiting AS MATERIALIZED (
    SELECT p.id, p.merchant_id, p.due_at
      FROM payments_payout p
     WHERE p.next_at <= now() AND p.parked_at IS NULL AND (p.lease_until IS NULL OR p.lease_until < now())
       AND (p.tries >= %(crashes_max)s) = %(alone)s AND p.rail_account_id <> ALL(%(paused)s::uuid[])
     ORDER BY p.next_at LIMIT %(window)s
), fair AS MATERIALIZED (
    SELECT id, due_at, row_number() OVER (PARTITION BY merchant_id ORDER BY due_at, id) AS turn
      FROM waiting ORDER BY turn, due_at LIMIT %(limit)s * 4
), picked AS (
    SELECT p.id, p.state, p.look_up, p.tries
      FROM fair JOIN payments_payout p ON p.id = fair.id
     WHERE p.next_at <= now() AND p.parked_at IS NULL
       AND p.state IN ('queued', 'submitting', 'unknown', 'provider_pending', 'awaiting_merchant_funds', 'succeeded')
       AND (p.lease_until IS NULL OR (p.lease_until < now() AND NOT EXISTS (
               SELECT FROM payments_answer w WHERE w.payout_id = p.id AND w.applied_at IS NULL)))
     ORDER BY fair.turn, fair.due_at LIMIT %(limit)s FOR NO KEY UPDATE OF p SKIP LOCKED
)
UPDATE payments_payout p
   SET fence = p.fence + 1, tries = p.tries + 1, look_up = false,
       lease_until = now() + %(lease)s * interval '1 second', next_at = now() + %(lease)s * interval '1 second',
       state = CASE WHEN p.state IN ('queued', 'awaiting_merchant_funds') THEN 'submitting'
                    WHEN p.state = 'submitting' THEN 'unknown' ELSE p.state END,
       submitted_at = CASE WHEN p.state = 'queued' THEN coalesce(p.submitted_at, now()) ELSE p.submitted_at END
  FROM picked
 WHERE p.id = picked.id
RETURNING p.id, p.merchant_id, p.case_id, p.rail_account_id, p.provider_charge_id, p.provider_refund_id,
          p.amount_minor, p.currency, p.idempotency_key, p.epoch, p.fence, picked.tries,
          picked.state = 'queued' AND NOT picked.look_up
"""

_KEYS = """
UPDATE payments_payout p SET idempotency_key = k.key
  FROM unnest(%s::uuid[], %s::uuid[]) AS k (id, key) WHERE p.id = k.id
"""

_HAS_SUSPECTS = """
SELECT EXISTS (SELECT FROM payments_payout WHERE next_at <= now() AND parked_at IS NULL AND lease_until < now()
                  AND tries >= %s)
"""

_ANSWER = """
INSERT INTO payments_answer (merchant_id, payout_id, fence, epoch, outcome, provider_refund_id, provider_reference,
                             failure_code, amount_minor, currency, at)
SELECT a.*, clock_timestamp()
  FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[],
              %s::bigint[], %s::text[]) AS a
"""

Connection = psycopg.Connection[tuple[object, ...]]


class Desk:
    """One connection, which also hears the doorbell. Used by the main thread only."""

    def __init__(self, *, database_url: str) -> None:
        self._url = database_url
        self._connection: Connection | None = None
        self.has_rung = True

    def connect(self) -> None:
        """The desk can be used afterwards. Raises psycopg.OperationalError."""
        self.close()
        connection = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=5,
            prepare_threshold=2,
            application_name="recoup_vault",
            options=SESSION,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=10_000,
        )
        connection.add_notify_handler(lambda _: self._ring())
        connection.execute("SELECT set_config('recoup.every_merchant', 'on', false)")
        connection.execute("LISTEN recoup_payouts")
        self._connection = connection
        self.has_rung = True

    def close(self) -> None:
        """The connection is closed, however broken it is."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    @property
    def connection(self) -> Connection:
        """The open connection. Raises psycopg.OperationalError when there is none."""
        if self._connection is None:
            raise psycopg.OperationalError("the desk is closed")
        return self._connection

    def listen(self) -> None:
        """Take in what the database has sent by itself. Raises psycopg.OperationalError when it hung up."""
        self.connection.pgconn.consume_input()
        while self.connection.pgconn.notifies() is not None:
            self.has_rung = True

    def exchange(
        self, answers: Sequence[tuple[Claim, Said]], *, limit: int, alone: bool = False, paused: Iterable[UUID] = ()
    ) -> list[Claim]:
        """One transaction: these answers are written, and up to `limit` payouts are ours for the lease's time.

        Each claimed payout's key is committed before anybody can hear it. `alone` claims only payouts whose claims were
        not answered again and again.
        """
        connection, rows = self.connection, []
        began_s = now_s()
        with connection.transaction():
            if answers:
                self._write(answers)
            if limit:
                values = {"limit": limit, "alone": alone, "paused": list(paused), "window": WINDOW}
                values |= {"lease": LEASE_SECONDS, "crashes_max": CRASHES_MAX}
                rows = connection.execute(_CLAIM, values).fetchall()
            claims = [_claim(row, lease_ends_s=began_s + LEASE_SECONDS) for row in rows]
            without_key = [claim for claim, row in zip(claims, rows, strict=True) if row[8] is None]
            if without_key:
                keys = [claim.idempotency_key for claim in without_key]
                connection.execute(_KEYS, [[claim.payout_id for claim in without_key], keys])
        return claims

    def has_suspects(self) -> bool:
        """Whether payouts wait that have taken their claimers down before."""
        row = self.connection.execute(_HAS_SUSPECTS, [CRASHES_MAX]).fetchone()
        return bool(row and row[0])

    def switched_off(self) -> list[UUID]:
        """Accounts from which nothing is to be paid."""
        rows = self.connection.execute("SELECT id FROM payments_railaccount WHERE NOT is_enabled").fetchall()
        return [row[0] for row in rows if isinstance(row[0], UUID)]

    def note_sign(self) -> None:
        """The operator's pages can see that the vault works. Without it nothing is lost but that."""
        at = now()
        row = [signs.name("vault", "payments"), "vault", "payments", signs.place(), at, at]
        try:
            self.connection.execute(signs.NOTE, row)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as problem:
            say("sign_not_written", level="warning", why=type(problem).__name__)

    def rail_of(self, boxes: Boxes, claim: Claim) -> StripeRail | None:
        """The rail of the claim's account, if it can be used."""
        return boxes.rail_of(self.connection, claim.rail_account_id)

    def _ring(self) -> None:
        self.has_rung = True

    def _write(self, answers: Sequence[tuple[Claim, Said]]) -> None:
        columns = [
            [claim.merchant_id for claim, _ in answers],
            [claim.payout_id for claim, _ in answers],
            [claim.fence for claim, _ in answers],
            [claim.epoch for claim, _ in answers],
        ]
        names = ("outcome", "provider_refund_id", "provider_reference", "failure_code", "amount_minor", "currency")
        self.connection.execute(_ANSWER, [*columns, *([getattr(said, name) for _, said in answers] for name in names)])
        self.connection.execute("SELECT pg_notify('recoup_answers', '')")


def _claim(row: Sequence[object], *, lease_ends_s: float) -> Claim:
    """A row of `_CLAIM`. A key that stands in the row is used as it stands; it was derived the same way."""
    payout_id, merchant_id, case_id, account_id, charge, refund, amount, currency, key, epoch, fence, crashes, new = row
    assert isinstance(payout_id, UUID) and isinstance(epoch, int)  # noqa: S101, PT018 - tells the types apart
    return Claim(
        payout_id=payout_id,
        merchant_id=merchant_id,  # type: ignore[arg-type]
        case_id=case_id,  # type: ignore[arg-type]
        rail_account_id=account_id,  # type: ignore[arg-type]
        provider_charge_id=str(charge),
        provider_refund_id=None if refund is None else str(refund),
        amount_minor=amount,  # type: ignore[arg-type]
        currency=str(currency),
        idempotency_key=key if isinstance(key, UUID) else ids.attempt_key(payout_id, epoch),
        epoch=epoch,
        fence=fence,  # type: ignore[arg-type]
        crashes=crashes,  # type: ignore[arg-type]
        is_new=bool(new),
        lease_ends_s=lease_ends_s,
    )
