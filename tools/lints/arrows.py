"""A context is a shop: others are served at its counter, nobody walks into its store-room.

The layers themselves are import-linter's business (pyproject.toml); this page knows which modules of a context are its
counter, and says so for a single file.
"""

import ast
from collections.abc import Iterator

from tools.lints.source import Finding, Source

RULE = "counter-only"
RULES = (RULE,)

#: What every context offers to every other one.
COUNTER = frozenset({"actions", "queries", "transactional", "events", "states"})
#: What the platform's contexts offer besides: the doors and the actions are built from these.
ALSO: dict[str, frozenset[str]] = {
    "access": frozenset(
        {
            "tenancy",
            "authorizer",
            "sealing",
            "principals",
            "idempotency",
            "limits",
            "limits_at_doors",
            "origins",
            "pinned",
            "policies",
            "resources",
            "routes_of_others",
            "columns",
            "row_security",
            "api",
            "doors",
            "pages",
            "documented",
            "explaining",
            "roles_table",
            "keys",
        }
    ),
    "callbacks": frozenset({"catalogue"}),
    "events": frozenset({"outbox", "catalogue", "moves", "claims"}),
    "identity": frozenset(
        {"providers", "company_apps", "app_kinds", "inviting", "roster", "devices", "grants", "tokens", "signing_keys"}
    ),
    "ledger": frozenset({"accounts"}),
    "orders": frozenset({"gateways", "importing"}),
    "refunds": frozenset({"gateways", "policy", "requests", "showing", "views"}),
}
#: Wiring sees everything; the API's assembly sees each context's endpoints.
EVERYTHING = frozenset({"config"})
ASSEMBLY = {"api": frozenset({"api"})}


def check(source: Source) -> Iterator[Finding]:
    """Imports of another context's models, gateways, policy or other inside."""
    if not source.package or source.package in EVERYTHING or source.is_migration:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            inside = _inside(source, name)
            if inside:
                message = f"`{inside}` is inside its context: ask at its counter ({', '.join(sorted(COUNTER))})"
                yield Finding(source.path, node.lineno, RULE, message)


def _inside(source: Source, name: str) -> str:
    """The module behind the counter that `name` reaches into; empty when it reaches none."""
    root, *rest = name.split(".")
    if root != "recoup" or len(rest) < 2:
        return ""
    package, part = rest[0], rest[1]
    if package in {source.package, "kernel"}:
        return ""
    offered = COUNTER | ALSO.get(package, frozenset()) | ASSEMBLY.get(source.package, frozenset())
    return "" if part in offered else f"recoup.{package}.{part}"
