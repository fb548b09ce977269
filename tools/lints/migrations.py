"""Migrations are linear and named by what becomes true: 0003_one_live_payout_per_leg.py."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tools.lints.source import Finding, Source

NAME = "migration-name"
LINE = "migration-line"
RULES = (NAME, LINE)

NUMBERED = re.compile(r"^(\d{4})_([a-z][a-z0-9_]*)$")
#: Names that Django makes up when nobody thought of one.
MADE_UP = re.compile(r"^(auto_|alter_|remove_|add_|rename_|delete_|merge_)|_and_more$|_more$|^squashed|^\d")
INSTEAD = "name it by what becomes true (0003_one_live_payout_per_leg)"


def check(source: Source) -> Iterator[Finding]:
    """The name of one migration."""
    if not source.is_migration or source.stem == "__init__":
        return
    named = NUMBERED.match(source.stem)
    if named is None or MADE_UP.search(named[2]):
        yield Finding(source.path, 1, NAME, f"`{source.stem}` says what was done: {INSTEAD}")


def check_all(sources: Iterable[Source]) -> Iterator[Finding]:
    """All migrations of a context form one line: 0001, 0002, 0003, each after the one before."""
    contexts: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if source.is_migration and NUMBERED.match(source.stem):
            contexts[source.path.rpartition("/")[0]].append(source)
    for migrations in contexts.values():
        yield from _line(sorted(migrations, key=lambda source: source.path))


def _line(migrations: list[Source]) -> Iterator[Finding]:
    for position, source in enumerate(migrations, start=1):
        if int(source.stem[:4]) != position:
            message = f"number {position:04d} is expected here: migrations of a context form one line"
            yield Finding(source.path, 1, LINE, message)
        elif position > 1 and migrations[position - 2].stem not in _names_in(source):
            message = f"it does not depend on {migrations[position - 2].stem}: migrations of a context form one line"
            yield Finding(source.path, 1, LINE, message)


def _names_in(source: Source) -> set[str]:
    constants = (node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}
