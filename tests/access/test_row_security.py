"""PROOFS A-03: row-level security is really on, for every table and role, and a wall that is missing is seen."""

import psycopg
import pytest
from psycopg import errors, sql

from recoup.kernel import ids
from tests.access.people import signed_in, tenant_tables

PROGRAMS = ("recoup_web", "recoup_worker", "recoup_vault", "recoup_insights")
#: The only functions that see more than their caller, each for one look-up before a tenant is known.
DEFINERS = {
    "access_find_key",
    "access_origin_is_known",
    "identity_find_app",
    "identity_find_invitation",
    "identity_find_pass",
    "identity_find_provider",
    "identity_find_token",
    "identity_memberships",
    "payments_find_account",
    "refunds_cases_of",
    "refunds_find_case",
}
#: Written once: no program may change or empty them.
INSERT_ONLY = (
    "ledger_journal",
    "ledger_posting",
    "events_event",
    "events_transition",
    "refunds_decision",
    "events_seal",
)


def walls_missing(connection):
    """What is wrong with the walls of the tenant tables, in words; empty when all stand."""
    missing = []
    for table in tenant_tables(connection):
        is_enabled, is_forced = connection.execute(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", [table]
        ).fetchone()
        if not (is_enabled and is_forced):
            missing.append(f"{table}: row security is not enabled and forced")
        policies = connection.execute(
            "SELECT polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid),"
            " ARRAY(SELECT rolname::text FROM pg_roles WHERE oid = ANY(polroles))"
            " FROM pg_policy WHERE polrelid = %s::regclass",
            [table],
        ).fetchall()
        missing += [f"{table}: {fault}" for policy in policies for fault in _faults(*policy)]
        guarded = {role for _, _, using, check, roles in policies for role in roles}
        for role in PROGRAMS:
            may = connection.execute(
                "SELECT bool_or(has_table_privilege(%s, %s, p)) OR bool_or(has_any_column_privilege(%s, %s, p))"
                " FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p",
                [role, table, role, table],
            ).fetchone()[0]
            if may and role not in guarded:
                missing.append(f"{table}: {role} has rights and no policy")
        if not {"tenant", "tenant_drops"} & {name for name, *_ in policies}:
            missing.append(f"{table}: no policy of the tenant")
    return missing


def _faults(name, command, using, check, roles):
    if name == "finder":
        is_fine = command == "r" and roles == ["recoup_owner"]
        return [] if is_fine else ["policy finder is for the owner's look-ups only"]
    needed = {"r": [using], "a": [check], "d": [using]}.get(command, [using, check])
    may_ask_for_all = set(roles) <= {"recoup_worker", "recoup_vault"}
    for condition in needed:
        if condition is None:
            return [f"policy {name} lacks USING or WITH CHECK"]
        if "recoup.merchant_id" in condition or (may_ask_for_all and "recoup.every_merchant" in condition):
            continue
        return [f"policy {name} does not ask for the tenant"]
    return []


def test_every_table_of_a_tenant_is_behind_its_walls(database):
    with database.superuser() as connection:
        tables = tenant_tables(connection)

        assert len(tables) >= 20
        assert walls_missing(connection) == []


@pytest.mark.parametrize(
    "breach",
    [
        "DROP POLICY tenant ON refunds_case",
        "ALTER TABLE orders_order NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE ledger_posting DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE forgotten (id int, merchant_id uuid); GRANT SELECT ON forgotten TO recoup_web",
        "ALTER POLICY tenant ON payments_payout USING (true)",
        "CREATE POLICY wide ON events_event FOR SELECT TO recoup_web USING (true)",
    ],
)
def test_a_wall_that_is_taken_down_is_seen(database, breach):
    with database.superuser() as connection:
        connection.autocommit = False
        for statement in breach.split("; "):
            connection.execute(statement)

        missing = walls_missing(connection)
        connection.rollback()

        assert missing
        assert walls_missing(connection) == []
        connection.rollback()


def test_without_a_tenant_nobody_sees_a_row(database, shop):
    shop.order(("mug", 1, 500))
    with database.superuser() as connection:
        tables = tenant_tables(connection)

    for role in PROGRAMS:
        with signed_in(database, role) as connection:
            for table in tables:
                if _may(connection, table, "SELECT"):
                    assert _count(connection, table) == 0, (role, table)


def test_another_tenant_sees_none_of_our_rows(database, shop):
    shop.order(("mug", 1, 500))
    stranger = ids.uuid7()
    with database.superuser() as connection:
        tables = tenant_tables(connection)
        assert _count(connection, "orders_order", shop.id) == 1

    for role in PROGRAMS:
        with signed_in(database, role, merchant_id=stranger) as connection:
            for table in tables:
                if _may(connection, table, "SELECT"):
                    assert _count(connection, table) == 0, (role, table)


def test_the_owner_of_the_shop_sees_its_own(database, shop):
    shop.order(("mug", 1, 500))

    for role in ("recoup_web", "recoup_worker", "recoup_insights"):
        with signed_in(database, role, merchant_id=shop.id) as connection:
            assert _count(connection, "payments_capture") == 1


def test_only_worker_and_vault_may_ask_for_every_merchant(database, shop):
    shop.order(("mug", 1, 500))

    seen = {}
    for role in PROGRAMS:
        table = "payments_railaccount" if role == "recoup_vault" else "payments_capture"
        with signed_in(database, role, every=True) as connection:
            seen[role] = _count(connection, table, shop.id) > 0

    assert seen == {"recoup_web": False, "recoup_worker": True, "recoup_vault": True, "recoup_insights": False}


@pytest.mark.parametrize("role", ["recoup_web", "recoup_worker"])
def test_a_row_for_somebody_else_is_refused(database, shop, role):
    stranger = ids.uuid7()
    with signed_in(database, role, merchant_id=stranger) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(
            "INSERT INTO events_event (merchant_id, at, kind, subject_id, actor, data)"
            " VALUES (%s, now(), 'case.approved', %s, 'x', '{}')",
            [shop.id, ids.uuid7()],
        )


@pytest.mark.parametrize("role", ["recoup_web", "recoup_worker"])
def test_a_row_cannot_be_moved_to_somebody_else(database, shop, role):
    shop.order(("mug", 1, 500))
    with signed_in(database, role, merchant_id=shop.id) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("UPDATE payments_capture SET merchant_id = %s", [ids.uuid7()])


def test_a_change_without_or_with_the_wrong_tenant_reaches_no_row(database, shop):
    shop.order(("mug", 1, 500))
    for tenant in (None, ids.uuid7()):
        with signed_in(database, "recoup_web", merchant_id=tenant) as connection:
            assert connection.execute("UPDATE payments_capture SET captured_minor = 10").rowcount == 0
            assert connection.execute("UPDATE refunds_case SET amount_minor = 10").rowcount == 0


def test_a_company_cannot_change_another_company(database, shop):
    for tenant in (None, ids.uuid7()):
        with signed_in(database, "recoup_web", merchant_id=tenant) as connection:
            assert connection.execute("UPDATE merchants_merchant SET mode = 'live'").rowcount == 0
            assert _count(connection, "merchants_merchant", shop.id, column="id") == 1


def test_a_company_cannot_change_how_another_company_s_page_looks(database, shop):
    from recoup.merchants import actions

    actions.set_look(merchant_id=shop.id, colour="#123456", welcome="", by="person", at=shop.now)
    for tenant in (None, ids.uuid7()):
        with signed_in(database, "recoup_web", merchant_id=tenant) as connection:
            assert connection.execute("UPDATE merchants_look SET colour = '#ffffff'").rowcount == 0
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(
                    "INSERT INTO merchants_look (id, colour, welcome, logo, logo_mark, changed_at)"
                    " VALUES (%s, '', '', '', '', now())",
                    [ids.uuid7()],
                )


def test_the_programs_own_nothing_and_stand_above_nobody(database):
    with database.superuser() as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
            " WHERE rolname = ANY(%s)",
            [[*PROGRAMS, "recoup_owner"]],
        ).fetchall()
        owned = connection.execute(
            "SELECT relname FROM pg_class WHERE relowner IN (SELECT oid FROM pg_roles WHERE rolname = ANY(%s))",
            [[*PROGRAMS]],
        ).fetchall()
        member = connection.execute(
            "SELECT r.rolname, g.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member"
            " JOIN pg_roles g ON g.oid = m.roleid WHERE r.rolname = ANY(%s)",
            [[*PROGRAMS, "recoup_owner"]],
        ).fetchall()

    assert len(roles) == 5
    assert all(not any(flags) for _, *flags in roles)
    assert owned == []
    assert member == []


def test_a_function_with_the_owners_rights_is_on_the_list_and_has_a_fixed_path(database):
    with database.superuser() as connection:
        rows = connection.execute(
            "SELECT p.proname, p.proconfig, p.proacl::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname IN ('public', 'vault')"
        ).fetchall()

    assert {name for name, _, _ in rows} == DEFINERS
    for name, settings, rights in rows:
        assert settings == ["search_path=pg_catalog, pg_temp"], name
        assert "=" not in {right[0] for right in rights.strip("{}").split(",")}, f"{name} is open to everybody"


def test_each_program_executes_only_what_it_needs(database):
    may = {}
    with database.superuser() as connection:
        for role in PROGRAMS:
            rows = connection.execute(
                "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prosecdef"
                " AND n.nspname = 'public' AND has_function_privilege(%s, p.oid, 'EXECUTE')",
                [role],
            ).fetchall()
            may[role] = {row[0] for row in rows}

    assert may["recoup_web"] == DEFINERS
    assert may["recoup_vault"] == may["recoup_insights"] == set()
    assert may["recoup_worker"] <= {"refunds_find_case"}


def test_views_see_with_the_eyes_of_who_asks(database):
    with database.superuser() as connection:
        views = connection.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('v', 'm')"
            " AND nspname IN ('public', 'vault') AND NOT coalesce(reloptions::text, '') LIKE '%security_invoker=true%'"
        ).fetchall()

    assert views == []


@pytest.mark.parametrize("table", INSERT_ONLY)
@pytest.mark.parametrize("role", PROGRAMS)
def test_what_happened_cannot_be_changed_by_any_program(database, role, table):
    for statement in ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"):
        with signed_in(database, role) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(sql.SQL(statement).format(sql.Identifier(table)))


@pytest.mark.parametrize("role", ["recoup_web", "recoup_worker", "recoup_vault"])
def test_an_answer_of_a_rail_cannot_be_rewritten(database, role):
    for statement in (
        "UPDATE payments_answer SET outcome = 'succeeded'",
        "DELETE FROM payments_answer",
        "TRUNCATE payments_answer",
    ):
        with signed_in(database, role) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)


def test_only_the_vault_writes_answers(database, shop):
    for role in ("recoup_web", "recoup_worker", "recoup_insights"):
        with signed_in(database, role, merchant_id=shop.id) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(
                "INSERT INTO payments_answer (merchant_id, payout_id, fence, epoch, outcome, at)"
                " VALUES (%s, %s, 0, 0, 'succeeded', now())",
                [shop.id, ids.uuid7()],
            )


@pytest.mark.parametrize("role", ["recoup_web", "recoup_worker", "recoup_insights"])
def test_the_vaults_secrets_are_read_by_nobody_else(database, role):
    for statement in ("SELECT * FROM vault.box", "UPDATE vault.box SET label = 'x'", "DELETE FROM vault.box"):
        with signed_in(database, role) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize(
    "table",
    [
        "orders_order", "orders_orderline", "refunds_case", "refunds_caseline", "refunds_photo", "refunds_decision",
        "identity_person", "identity_guestpass", "access_apikey", "events_event", "ledger_posting",
        "merchants_connector",
    ],
)  # fmt: skip
def test_the_vault_cannot_read_about_people_and_orders(database, table):
    with signed_in(database, "recoup_vault", every=True) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table)))


def test_the_vault_cannot_change_what_a_payout_pays_or_to_whom(database):
    for column in ("amount_minor", "provider_charge_id", "currency", "case_id", "capture_id", "merchant_id"):
        with signed_in(database, "recoup_vault", every=True) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(sql.SQL("UPDATE payments_payout SET {c} = {c}").format(c=sql.Identifier(column)))


def test_no_program_can_make_tables_or_pass_as_another(database):
    for role in PROGRAMS:
        with signed_in(database, role) as connection, pytest.raises(psycopg.Error):
            connection.execute("CREATE TABLE mine (id int)")
        with signed_in(database, role) as connection, pytest.raises(psycopg.Error):
            connection.execute("SET ROLE recoup_owner")
        with signed_in(database, role) as connection, pytest.raises(psycopg.Error):
            connection.execute("ALTER TABLE refunds_case DISABLE ROW LEVEL SECURITY")


def test_a_key_is_found_by_its_hash_only_and_never_listed(database):
    with signed_in(database, "recoup_web") as connection:
        assert connection.execute("SELECT * FROM access_find_key(%s)", [b"\0" * 32]).fetchall() == []
        assert connection.execute("SELECT * FROM access_find_key(NULL)").fetchall() == []
        assert connection.execute("SELECT * FROM access_apikey").fetchall() == []


def _may(connection, table, privilege):
    query = "SELECT has_schema_privilege(split_part(%s, '.', 1), 'USAGE') AND has_table_privilege(%s, %s)"
    return connection.execute(query, [table, table, privilege]).fetchone()[0]


def _count(connection, table, merchant_id=None, *, column="merchant_id"):
    name = sql.Identifier(*table.split("."))
    if merchant_id is None:
        return connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()[0]
    query = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(name, sql.Identifier(column))
    return connection.execute(query, [merchant_id]).fetchone()[0]
