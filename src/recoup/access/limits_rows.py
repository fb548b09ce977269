"""What has been spent, in PostgreSQL: the one place that every process of every machine looks at.

Statements run on a thread of their own with its own connection, so that what is spent stays spent whatever becomes of
the transaction of whoever asks, and nobody's transaction is held up by a row that many spend from.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import close_old_connections, connection, transaction

from recoup.access import tenancy
from recoup.access.limits_rules import Rule

Given = TypeVar("Given")
#: Never more than this part of what is left goes into one purse, so that the last ones are counted one by one.
SHARE = 4

_TAKE_EXACTLY = """
INSERT INTO access_spent AS s (bucket, subject, spent, taken, window_no, at)
VALUES (%(bucket)s, %(subject)s, %(cost)s, %(cost)s, 0, %(at)s)
ON CONFLICT (bucket, subject) DO UPDATE SET (spent, taken, at) = (
    SELECT level + CASE WHEN level + %(cost)s <= %(quota)s + 1e-9 THEN %(cost)s ELSE 0 END,
           CASE WHEN level + %(cost)s <= %(quota)s + 1e-9 THEN %(cost)s ELSE 0 END,
           greatest(s.at, excluded.at)
      FROM (SELECT greatest(0, s.spent - greatest(0, extract(epoch FROM excluded.at - s.at))
                               * %(quota)s / %(window_s)s)::float8 AS level) AS now)
RETURNING taken, spent
"""
_GIVE_BACK = """
UPDATE access_spent SET spent = greatest(0, spent - %(cost)s) WHERE bucket = %(bucket)s AND subject = %(subject)s
"""
#: A process whose clock is behind spends of the window that others have begun.
_TAKE_PURSE = """
INSERT INTO access_spent AS s (bucket, subject, spent, taken, window_no, at)
SELECT %(bucket)s, %(subject)s, first, first, %(window_no)s, %(at)s
  FROM (SELECT least(%(wanted)s, greatest(1, ceil(%(quota)s / %(share)s::float8)))::float8 AS first) AS f
ON CONFLICT (bucket, subject) DO UPDATE SET (spent, taken, window_no, at) = (
    SELECT level + given, given, greatest(s.window_no, excluded.window_no), greatest(s.at, excluded.at)
      FROM (SELECT level, least(%(wanted)s, greatest(0, %(quota)s - level),
                                greatest(1, ceil((%(quota)s - level) / %(share)s::float8)))::float8 AS given
              FROM (SELECT CASE WHEN s.window_no < excluded.window_no THEN 0 ELSE s.spent END AS level) AS now) AS g)
RETURNING taken, spent
"""
_SET_FOR = """
SELECT quota, window_s FROM access_limit
 WHERE bucket = %s AND merchant_id = %s AND (key_id IS NULL OR key_id = %s)
 ORDER BY key_id NULLS LAST LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The company (and its key) that a stored limit may have been set for."""

    merchant_id: UUID
    key_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How much was taken, how much is spent in all afterwards, and the rule that held."""

    taken: int
    spent: float
    rule: Rule


def take_exactly(*, rule: Rule, subject: bytes, cost: int, owner: Owner | None, at: datetime) -> Taken:
    """All of `cost` is spent, or nothing. Spent tokens come back evenly over the window."""
    return _apart(_take, _TAKE_EXACTLY, rule, subject, owner, {"cost": cost, "at": at})


def take_purse(*, rule: Rule, subject: bytes, wanted: int, owner: Owner | None, at: datetime) -> Taken:
    """Up to `wanted` are spent of this window; 0 when nothing is left of it."""
    return _apart(_take, _TAKE_PURSE, rule, subject, owner, {"wanted": wanted, "at": at, "share": SHARE})


def give_back(*, rule: Rule, subject: bytes, cost: int) -> None:
    """As if that had not been spent."""

    def give() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, {"bucket": rule.bucket, "subject": subject, "cost": cost})

    _apart(give)


def _take(statement: str, rule: Rule, subject: bytes, owner: Owner | None, values: dict[str, Any]) -> Taken:
    with transaction.atomic(), connection.cursor() as cursor:
        if owner is not None:
            tenancy.enter(merchant_id=owner.merchant_id)
            cursor.execute(_SET_FOR, [rule.bucket, owner.merchant_id, owner.key_id])
            found = cursor.fetchone()
            rule = rule if found is None else replace(rule, quota=found[0], window_s=found[1])
        told: dict[str, Any] = {
            "bucket": rule.bucket,
            "subject": subject,
            "quota": rule.quota,
            "window_s": rule.window_s,
            "window_no": int(values["at"].timestamp()) // rule.window_s,
        }
        cursor.execute(statement, told | values)
        taken, spent = cursor.fetchone()
    return Taken(taken=int(taken), spent=float(spent), rule=rule)


def _apart(work: Callable[..., Given], *arguments: Any) -> Given:
    return _counting.submit(_on_a_fresh_connection, work, *arguments).result()


def _on_a_fresh_connection(work: Callable[..., Given], *arguments: Any) -> Given:
    close_old_connections()
    return work(*arguments)


_counting = ThreadPoolExecutor(max_workers=1, thread_name_prefix="counting")
