"""What a check says, and asking again what may only be under way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from recoup.access import tenancy

#: How often, and how far apart, a broken row is looked at before it is named.
LOOKS = 4
SECONDS_BETWEEN = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How many rows were looked at, and each broken one: what it is, and what is wrong with it."""

    checked: int
    broken: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: Finding) -> Finding:
        return Finding(checked=self.checked + other.checked, broken={**self.broken, **other.broken})


def settled(ask: Callable[[], Finding], *, looks: int = LOOKS, wait_s: float = SECONDS_BETWEEN) -> Finding:
    """The finding, with only those rows that were broken at every look."""
    finding = ask()
    for _ in range(looks - 1):
        if not finding.broken:
            break
        time.sleep(wait_s)
        again = ask()
        still = {row: words for row, words in again.broken.items() if row in finding.broken}
        finding = Finding(checked=again.checked, broken=still)
    return finding


def ask_sql(counted: str, broken: str, values: Mapping[str, Any] | None = None) -> Finding:
    """`counted` gives one number; each row of `broken` is (what, words)."""
    with tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(counted, values)
        checked = int(cursor.fetchone()[0])
        cursor.execute(broken, values)
        return Finding(checked=checked, broken=dict(cursor.fetchall()))


def rows(sql: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a read-only look over every merchant."""
    with tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(sql, values)
        return list(cursor.fetchall())
