"""Many cases out of a few real ones: each row of them is copied with ids, numbers and times of its own.

What is copied was written by the programs themselves, so every table has the rows that it really gets. Only for
reading afterwards: worker and vault have to be away, since to them the copies would be work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import sql

from recoup.config.private_house import PrivateHouse

if TYPE_CHECKING:
    import psycopg

COPIES_AT_ONCE = 250
#: Further than the ids that any table has given out itself.
BIGINT_STRIDE = 10_000_000
#: Table -> which of its rows belong to the cases.
TABLES = {
    "orders_order": "id IN (SELECT order_id FROM chosen)",
    "orders_orderline": "order_id IN (SELECT order_id FROM chosen)",
    "payments_capture": "order_id IN (SELECT order_id FROM chosen)",
    "payments_payout": "case_id IN (SELECT id FROM chosen)",
    "ledger_journal": "reference_id IN (SELECT id FROM paid)",
    "ledger_posting": "journal_id IN (SELECT id FROM written)",
    "events_event": "subject_id IN (SELECT id FROM chosen) OR subject_id IN (SELECT id FROM paid)",
    "events_transition": "subject_id IN (SELECT id FROM chosen) OR subject_id IN (SELECT id FROM paid)",
    "notifications_message": "case_id IN (SELECT id FROM chosen)",
    "refunds_caseline": "case_id IN (SELECT id FROM chosen)",
    "refunds_decision": "case_id IN (SELECT id FROM chosen)",
    "insights_itemclaim": "case_id IN (SELECT id FROM chosen)",
    "refunds_case": "id IN (SELECT id FROM chosen)",
}
#: Columns that point to what all copies share.
SHARED = frozenset({"merchant_id", "rail_account_id", "policy_version_id"})
#: Texts that name one thing only.
NAMES = frozenset({"number", "order_number", "provider_charge_id", "provider_refund_id", "email", "to_address"})
_HOW = """
CREATE FUNCTION pg_temp.copied(id uuid, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    -- The first 48 bits of our ids are milliseconds: a copy is a minute older than the one before.
    SELECT (lpad(to_hex(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint - n * 60000), 12, '0')
            || '7' || substr(md5(id::text || n), 1, 3) || '8' || substr(md5(id::text || n), 4, 15))::uuid $$;
SET session_replication_role = replica;
"""


def multiply(house: PrivateHouse, *, case_ids: Sequence[UUID], copies: int, tell: Callable[[int], None]) -> None:
    """Each of the cases `copies` more times; `tell` hears after each piece how many copies of each there are."""
    with house.superuser() as db:
        db.execute(_HOW)
        statements = [_copying(db, table, belonging) for table, belonging in TABLES.items()]
        for first in range(1, copies + 1, COPIES_AT_ONCE):
            last = min(copies, first + COPIES_AT_ONCE - 1)
            with db.transaction():
                for statement in statements:
                    db.execute(statement, {"cases": list(case_ids), "first": first, "last": last})
            tell(last)
        db.execute("VACUUM (ANALYZE)")


def _copying(db: psycopg.Connection[Any], table: str, belonging: str) -> sql.Composed:
    columns = db.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    ).fetchall()
    return sql.SQL(
        "WITH chosen AS MATERIALIZED (SELECT id, order_id FROM refunds_case WHERE id = ANY(%(cases)s)),"
        " paid AS MATERIALIZED (SELECT id FROM payments_payout WHERE case_id IN (SELECT id FROM chosen)),"
        " written AS MATERIALIZED (SELECT id FROM ledger_journal WHERE reference_id IN (SELECT id FROM paid))"
        " INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values}"
        " FROM {table}, generate_series(%(first)s::bigint, %(last)s::bigint) AS n WHERE {belonging}"
    ).format(
        table=sql.Identifier(table),
        belonging=sql.SQL(belonging),
        columns=sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns),
        values=sql.SQL(", ").join(_value(name, kind) for name, kind in columns),
    )


def _value(name: str, kind: str) -> sql.Composable:
    column = sql.Identifier(name)
    if kind == "uuid" and name not in SHARED:
        return sql.SQL("pg_temp.copied({}, n)").format(column)
    if kind == "bigint" and name in {"id", "journal_id"}:
        return sql.SQL("{} + n * {}").format(column, BIGINT_STRIDE)
    if kind == "timestamp with time zone":
        return sql.SQL("{} - n * interval '1 minute'").format(column)
    if name in NAMES:
        return sql.SQL("{} || '-' || n").format(column)
    return column
