"""Which units of an order line are meant: sorted half-open spans `[(from, to), ...]`, as PostgreSQL's int4multirange.

A line of n units has the units 0..n-1, each with its own frozen integers (allocation.first_units). Claiming names
units, so the same unit can never be refunded twice and its amount does not depend on what was refunded before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from recoup.kernel.allocation import first_units

Spans = list[tuple[int, int]]


def count(spans: Iterable[tuple[int, int]]) -> int:
    """How many units the spans hold."""
    return sum(to - start for start, to in spans)


def lowest_free(claimed: Sequence[tuple[int, int]], *, quantity: int, wanted: int) -> Spans:
    """The lowest `wanted` units of 0..quantity-1 not in `claimed` (sorted, disjoint); fewer if so few are left."""
    free: Spans = []
    at = 0
    for start, to in [*claimed, (quantity, quantity)]:
        if wanted > 0 and start > at:
            taken = min(start - at, wanted)
            free.append((at, at + taken))
            wanted -= taken
        at = max(at, to)
    return free


def worth(total: int, quantity: int, spans: Iterable[tuple[int, int]]) -> int:
    """The frozen share of `total` that these units carry."""
    return sum(first_units(total, quantity, to) - first_units(total, quantity, start) for start, to in spans)


def to_sql(spans: Iterable[tuple[int, int]]) -> str:
    """The text of an int4multirange: `{[0,2),[5,6)}`."""
    return "{" + ",".join(f"[{start},{to})" for start, to in spans) + "}"


def from_sql(text: str) -> Spans:
    """The spans of an int4multirange's canonical text."""
    return [(int(start), int(to)) for start, to in _SPAN.findall(text)]


_SPAN = re.compile(r"\[(\d+),(\d+)\)")
