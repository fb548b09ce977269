"""A-03: the database itself keeps companies apart, whatever a program forgets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import errors, sql

from proofs.attacks import cells
from proofs.attacks.ground import Ground
from proofs.attacks.seen import Seen

NAME = "A-03"
TITLE = "Row-level security is really on"

PROGRAMS = ("recoup_web", "recoup_worker", "recoup_vault", "recoup_insights")
Database = psycopg.Connection[Any]


def run(ground: Ground, seen: Seen) -> None:
    """Each table of a tenant, as each program's role: no tenant, another tenant, somebody else's row."""
    from tests.access.people import tenant_tables
    from tests.access.test_row_security import walls_missing

    case = cells.world(ground).own.case
    tables = tenant_tables(ground.database)
    seen.expect(len(tables) >= 20, f"only {len(tables)} tables of tenants")
    for words in walls_missing(ground.database):
        seen.expect(False, words)
    stranger = uuid4()
    for role in PROGRAMS:
        readable = [
            table for table in tables if ground.rows("SELECT has_table_privilege(%s, %s, 'SELECT')", role, table)[0][0]
        ]
        seen.expect(readable or role == "recoup_vault", f"{role} reads nothing at all")
        for merchant in (None, stranger):
            with _as(ground, role, merchant) as database:
                for table in readable:
                    count = _count(database, table)
                    seen.expect(count == 0, f"{role} for {'nobody' if merchant is None else 'a stranger'}: {table}")
    for role in ("recoup_web", "recoup_worker"):
        _writes(ground, seen, role, case.id)
    _roles(ground, seen)
    _controls(ground, seen)


def _writes(ground: Ground, seen: Seen, role: str, case: UUID) -> None:
    """A row is neither made for somebody else, nor moved to them, nor changed from where they are."""
    made = (
        "INSERT INTO events_event (merchant_id, at, kind, subject_id, actor, data)"
        " VALUES (%s, now(), 'case.approved', %s, 'x', '{}')"
    )
    with _as(ground, role, ground.two.id) as database:
        seen.expect(_refused(database, made, ground.one.id, uuid4()), f"{role} wrote a row for another company")
    with _as(ground, role, ground.one.id) as database:
        moved = "UPDATE payments_capture SET merchant_id = %s"
        seen.expect(_refused(database, moved, ground.two.id), f"{role} moved rows to another company")
    with _as(ground, role, ground.two.id) as database:
        reached = database.execute("UPDATE refunds_case SET words = 'x' WHERE id = %s", [case]).rowcount
        seen.expect(reached == 0, f"{role} reached another company's case")


def _roles(ground: Ground, seen: Seen) -> None:
    """The programs' roles own nothing and stand above nobody; functions with the owner's rights have a fixed path."""
    flags = ground.rows(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)",
        [*PROGRAMS, "recoup_owner"],
    )
    seen.expect(not flags, f"privileged: {flags}")
    owned = ground.rows(
        "SELECT relname FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'vault'::regnamespace)"
        " AND relowner IN (SELECT oid FROM pg_roles WHERE rolname = ANY(%s))",
        list(PROGRAMS),
    )
    seen.expect(not owned, f"owned by a program: {owned}")
    loose = ground.rows(
        "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE prosecdef"
        " AND nspname IN ('public', 'vault') AND proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp']"
    )
    seen.expect(not loose, f"functions with the owner's rights and an open path: {loose}")


def _controls(ground: Ground, seen: Seen) -> None:
    """Each wall that is taken away is seen, and shows a row."""
    from tests.access.test_row_security import walls_missing

    for breach in (
        "DROP POLICY tenant ON refunds_case",
        "ALTER TABLE orders_order NO FORCE ROW LEVEL SECURITY",
        "ALTER POLICY tenant ON payments_payout USING (true)",
    ):
        with _undone(ground.database):
            ground.database.execute(breach)
            seen.control(walls_missing(ground.database), breach)
    with _undone(ground.database):
        ground.database.execute("ALTER TABLE refunds_case DISABLE ROW LEVEL SECURITY")
        ground.database.execute("SET LOCAL ROLE recoup_web")
        seen.control(_count(ground.database, "refunds_case"), "cases without row security")


@contextmanager
def _undone(database: Database) -> Iterator[None]:
    with database.transaction(force_rollback=True):
        yield


@contextmanager
def _as(ground: Ground, role: str, merchant: UUID | None) -> Iterator[Database]:
    with _undone(ground.database):
        ground.database.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        if merchant is not None:
            ground.database.execute("SELECT set_config('recoup.merchant_id', %s, true)", [str(merchant)])
        yield ground.database


def _count(database: Database, table: str) -> int:
    name = sql.SQL(".").join(map(sql.Identifier, table.split(".")))
    row = database.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
    return int(row[0]) if row else 0


def _refused(database: Database, statement: str, *values: object) -> bool:
    try:
        with database.transaction():
            database.execute(statement, values)  # type: ignore[call-overload]
    except errors.InsufficientPrivilege:
        return True
    return False
