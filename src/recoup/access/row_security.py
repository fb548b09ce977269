"""The SQL that puts a tenant table behind row-level security and gives each role what it needs. For migrations."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.migrations import RunSQL

TENANT = "merchant_id = nullif(current_setting('recoup.merchant_id', true), '')::uuid"
EVERY = "current_setting('recoup.every_merchant', true) = 'on'"


def tenant_table(table: str, *, grants: Mapping[str, str], finder: bool = False) -> RunSQL:
    """A row is seen and written only in its merchant's transaction; worker and vault may also ask for every merchant.

    `grants` maps a role's last name (web, worker, vault, insights) to the privileges it gets. `finder` lets the owner's
    SECURITY DEFINER functions look a secret's hash up before the tenant is known.
    """
    roles = [role for role in grants if role != "insights"]
    everybody = [role for role in roles if role in ("worker", "vault")]
    lines = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} TO {_names(roles)} USING ({TENANT}) WITH CHECK ({TENANT})",
    ]
    if everybody:
        lines.append(
            f"CREATE POLICY every_merchant ON {table} TO {_names(everybody)} USING ({EVERY}) WITH CHECK ({EVERY})"
        )
    if "insights" in grants:
        lines.append(f"CREATE POLICY tenant_reads ON {table} FOR SELECT TO recoup_insights USING ({TENANT})")
    if finder:
        lines.append(f"CREATE POLICY finder ON {table} FOR SELECT TO CURRENT_USER USING (true)")
    lines += [f"GRANT {privileges} ON {table} TO recoup_{role}" for role, privileges in grants.items()]
    return RunSQL(sql=";\n".join(lines) + ";", reverse_sql=_undo(table, grants))


def shared_table(table: str, *, grants: Mapping[str, str]) -> RunSQL:
    """A table without tenants: only grants guard it."""
    return RunSQL(
        sql="".join(f"GRANT {privileges} ON {table} TO recoup_{role};\n" for role, privileges in grants.items()),
        reverse_sql="".join(f"REVOKE ALL ON {table} FROM recoup_{role};\n" for role in grants),
    )


def _names(roles: list[str]) -> str:
    return ", ".join(f"recoup_{role}" for role in roles)


def _undo(table: str, grants: Mapping[str, str]) -> str:
    lines = [
        f"DROP POLICY IF EXISTS {policy} ON {table}"
        for policy in ("tenant", "every_merchant", "tenant_reads", "finder")
    ]
    lines += [f"REVOKE ALL ON {table} FROM recoup_{role}" for role in grants]
    lines += [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"]
    return ";\n".join(lines) + ";"
