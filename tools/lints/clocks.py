"""The clock is an argument. Only doors, programs and jobs look at it, through `recoup.kernel.clock.now`."""

import ast
from collections.abc import Iterator

from tools.lints.source import Finding, Source, dotted

RULE = "no-now"
RULES = (RULE,)

#: Parts of a context that are doors of their own, so they may ask for the time and pass it on.
PARTS_WITH_A_CLOCK = frozenset({"api", "jobs", "stations", "admin"})
#: The clock itself, and the ids, whose first bits are a clock by definition (RFC 9562, UUID version 7).
CLOCKS = frozenset({"src/recoup/kernel/clock.py", "src/recoup/kernel/ids.py"})
OTHER_CLOCKS = frozenset(
    {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.date.today",
        "date.today",
        "timezone.now",
        "timezone.localdate",
        "timezone.localtime",
    }
)
#: Fine for a program that compares file times, not for a context.
RAW_CLOCKS = frozenset({"time.time", "time.time_ns"})
AUTOMATIC = frozenset({"auto_now", "auto_now_add"})


def check(source: Source) -> Iterator[Finding]:
    """Calls of any clock inside a context, and of any clock but the kernel's elsewhere in the product."""
    if not source.is_product or source.path in CLOCKS or source.is_migration:
        return
    may_ask = not (source.is_context or source.package == "kernel") or source.part in PARTS_WITH_A_CLOCK
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg in AUTOMATIC:
            yield Finding(source.path, node.value.lineno, RULE, f"`{node.arg}` hides a clock: take the moment as `at`")
        elif isinstance(node, ast.Attribute) and dotted(node) in OTHER_CLOCKS | (
            frozenset() if may_ask else RAW_CLOCKS
        ):
            yield _other_clock(source, node, may_ask=may_ask)
        elif isinstance(node, ast.Call) and not may_ask and dotted(node.func) in {"now", "clock.now"}:
            yield Finding(source.path, node.lineno, RULE, "the clock is an argument here: take `at: datetime`")


def _other_clock(source: Source, node: ast.Attribute, *, may_ask: bool) -> Finding:
    instead = "ask `recoup.kernel.clock.now()`" if may_ask else "the clock is an argument here: take `at: datetime`"
    return Finding(source.path, node.lineno, RULE, f"`{dotted(node)}`: {instead}")
