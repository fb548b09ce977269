"""How rows are written: by models and actions, in the open. No `.save()` elsewhere, no hidden hooks."""

import ast
from collections.abc import Iterator

from tools.lints.source import Finding, Source, dotted

SAVE = "no-save"
WRITE = "writes-in-actions"
HOOK = "no-hidden-hooks"
RULES = (SAVE, WRITE, HOOK)

#: The parts of a context that may write rows.
WRITERS = frozenset({"models", "actions", "transactional", "migrations"})
WRITES = frozenset(
    {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete", "acreate"}
)
SIGNALS = ("django.db.models.signals", "django.dispatch", "django.core.signals")
OVERRIDDEN = frozenset({"save", "delete", "full_clean", "refresh_from_db"})


def check(source: Source) -> Iterator[Finding]:
    """Saves outside models, writes outside actions, signals and overridden saves."""
    if not source.is_product:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _call(source, node, node.func)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            yield from _import(source, node)
        elif isinstance(node, ast.ClassDef):
            yield from _class(source, node)


def _call(source: Source, node: ast.Call, called: ast.Attribute) -> Iterator[Finding]:
    is_row_saved = called.attr in {"save", "asave"} and not node.args  # image.save(path) is something else
    if is_row_saved and source.part != "models":
        yield Finding(
            source.path, node.lineno, SAVE, "only models.py saves a row: give the model a method that says why"
        )
    if called.attr in WRITES and _is_of_manager(called.value) and source.package and source.part not in WRITERS:
        message = f"`.{called.attr}()` writes rows: that belongs in an action (or transactional.py)"
        yield Finding(source.path, node.lineno, WRITE, message)


def _is_of_manager(value: ast.expr) -> bool:
    """True for `Case.objects.…` and what is chained on it."""
    name = dotted(value)
    return ".objects" in name or "._default_manager" in name or ".objects" in _chain(value)


def _chain(value: ast.expr) -> str:
    while isinstance(value, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(value, ast.Attribute) and value.attr == "objects":
            return ".objects"
        value = value.func if isinstance(value, ast.Call) else value.value
    return ""


def _import(source: Source, node: ast.ImportFrom | ast.Import) -> Iterator[Finding]:
    module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    names = [module, *(f"{module}.{alias.name}" if module else alias.name for alias in node.names)]
    if any(name == signal or name.startswith(f"{signal}.") for name in names for signal in SIGNALS):
        message = "no signals: record a domain event, and subscribe in recoup/config/subscriptions.py"
        yield Finding(source.path, node.lineno, HOOK, message)


def _class(source: Source, node: ast.ClassDef) -> Iterator[Finding]:
    if source.part != "models":
        return
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name in OVERRIDDEN:
            message = f"an overridden `{member.name}()` acts behind the reader's back: write an action that says it"
            yield Finding(source.path, member.lineno, HOOK, message)
