"""Shapes a reader can hold in the head: short functions, files that explain themselves, names that say something."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from tools.lints.source import Finding, Source, functions, public_functions

LONG_FUNCTION = "function-too-long"
LONG_FILE = "file-too-long"
VAGUE_NAME = "vague-name"
POSITIONAL = "keyword-only"
ONE_VERB = "one-verb"
RULES = (LONG_FUNCTION, LONG_FILE, VAGUE_NAME, POSITIONAL, ONE_VERB)

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
EXPLANATION = "long because"
VAGUE = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "service", "services"})
VAGUE |= {"base", "misc", "stuff", "core", "shared", "lib", "tools_misc"}
#: Pages that a library looks for under names of its own.
NAMED_BY_OTHERS = "src/recoup/web/templates/allauth/"
COUNTERS = frozenset({"actions", "queries", "transactional"})


def check(source: Source) -> Iterator[Finding]:
    """Every rule of this page."""
    yield from _names(source)
    if not source.is_python:
        return
    yield from _sizes(source)
    if source.is_context:
        yield from _counters(source)
        yield from _verbs(source)


def _names(source: Source) -> Iterator[Finding]:
    if not source.path.startswith(("src/", "tests/", "tools/", "benchmarks/")):
        return
    if source.path.startswith(NAMED_BY_OTHERS):
        return
    for piece in PurePosixPath(source.path).parts:
        if piece.partition(".")[0].lower() in VAGUE:
            message = f"`{piece}` names nothing: name the file for what its functions are about"
            yield Finding(source.path, 1, VAGUE_NAME, message)


def _sizes(source: Source) -> Iterator[Finding]:
    for function in functions(source.tree):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES_MAX:
            message = (
                f"`{function.name}` has {lines} lines (at most {FUNCTION_LINES_MAX}): let it decide, and move the work"
            )
            yield Finding(source.path, function.lineno, LONG_FUNCTION, message)
    explained = EXPLANATION in " ".join((ast.get_docstring(source.tree) or "").split())
    if len(source.lines) > FILE_LINES_MAX and not explained and not source.is_migration:
        message = f'{len(source.lines)} lines: split it, or say in its docstring "This file is {EXPLANATION} ..."'
        yield Finding(source.path, 1, LONG_FILE, message)


def _counters(source: Source) -> Iterator[Finding]:
    """An action takes everything by name; a query or transactional may take its one subject first."""
    if source.part not in COUNTERS:
        return
    allowed = 0 if source.part == "actions" else 1
    for function in public_functions(source.tree):
        positional = len(function.args.posonlyargs) + len(function.args.args)
        if positional > allowed or function.args.vararg:
            message = (
                f"`{function.name}` stands at a counter: arguments by keyword only (`def {function.name}(*, ...)`)"
            )
            yield Finding(source.path, function.lineno, POSITIONAL, message)


def _verbs(source: Source) -> Iterator[Finding]:
    """actions/approve.py holds `approve` and nothing else that others may call."""
    if source.part != "actions" or not source.path.startswith(f"src/recoup/{source.package}/actions/"):
        return
    verbs = [function.name for function in public_functions(source.tree)]
    if source.stem == "__init__":
        if verbs:
            yield Finding(source.path, 1, ONE_VERB, "the counter only re-exports: each verb has its own file")
        return
    if source.stem.startswith("_"):
        return
    if verbs != [source.stem]:
        message = (
            f"one public verb named like the file is expected (`{source.stem}`), found: {', '.join(verbs) or 'none'}"
        )
        yield Finding(source.path, 1, ONE_VERB, message)
