"""Builds broken on purpose: each of them must fail, or the rig could not have seen the fault either."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg

from proofs.rig import Finding, Rig

Database = psycopg.Connection[Any]


class _Undo(Exception):
    """What the control broke is as before."""


@contextlib.contextmanager
def _undone(rig: Rig) -> Iterator[Database]:
    with contextlib.suppress(_Undo), rig.database.transaction():
        yield rig.database
        raise _Undo


def database_controls(rig: Rig) -> Finding:
    """Each wall in the database holds as it is, and lets through what it keeps out once it is taken away."""
    finding = Finding("controls")
    for words, way_in, breakage in (
        ("captures without their CHECK", _pays_more_than_captured, _no_check),
        ("receipts without their unique key", _keeps_an_event_twice, _no_deduplication),
        ("payouts without the tenant's policy", _sees_other_tenants, _no_policy),
    ):
        with _undone(rig) as database:
            finding.expect(not way_in(rig, database), f"{words}: the wall does not hold as it is")
        with _undone(rig) as database:
            for statement in breakage(rig, database):
                database.execute(statement)
            finding.control(way_in(rig, database), words)
    return finding


def _pays_more_than_captured(rig: Rig, database: Database) -> bool:
    sql = "UPDATE payments_capture SET reserved_minor = captured_minor + 1 WHERE merchant_id = %s"
    return _may(database, sql, rig.company.id)


def _keeps_an_event_twice(rig: Rig, database: Database) -> bool:
    sql = (
        "INSERT INTO webhooks_receipt (merchant_id, rail_account_id, event_id, kind, body, received_at, fence, tries)"
        " SELECT merchant_id, rail_account_id, event_id, kind, body, received_at, 0, 0 FROM webhooks_receipt LIMIT 1"
    )
    return _may(database, sql)


def _sees_other_tenants(rig: Rig, database: Database) -> bool:
    database.execute("SET LOCAL ROLE recoup_web")
    database.execute("SELECT set_config('recoup.merchant_id', %s, true)", [str(uuid4())])
    seen = database.execute("SELECT count(*) FROM payments_payout").fetchone()
    database.execute("RESET ROLE")
    return bool(seen and seen[0])


def _may(database: Database, sql: str, *values: object) -> bool:
    try:
        with database.transaction():
            return bool(database.execute(sql, values).rowcount)  # type: ignore[call-overload]
    except psycopg.errors.IntegrityError:
        return False


def _no_check(rig: Rig, database: Database) -> list[str]:
    return ["ALTER TABLE payments_capture DROP CONSTRAINT never_more_back_than_captured"]


def _no_policy(rig: Rig, database: Database) -> list[str]:
    return [
        "ALTER TABLE payments_payout NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE payments_payout DISABLE ROW LEVEL SECURITY",
    ]


def _no_deduplication(rig: Rig, database: Database) -> list[str]:
    rows = database.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'webhooks_receipt'::regclass AND contype = 'u'"
    ).fetchall()
    return [f'ALTER TABLE webhooks_receipt DROP CONSTRAINT "{row[0]}"' for row in rows]


def random_key(rig: Rig, *, rounds: int) -> Finding:
    """Vaults that send again instead of looking up: with the derived key one movement, with a random key two."""
    finding = Finding("F-01-control-key")
    before = rig.doubles()
    rig.fault(times=rounds, drop="after")
    cases = rig.refund_all(rig.fresh_orders(rounds))
    rig.settle(cases, seconds=45)
    rig.heal()
    finding.refunds = len(cases)
    finding.control(rig.doubles() > before, "a random key for each request")
    return finding
