"""The run of one case: every state that it and its payments were in, when, for how long, and what is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.access import tenancy


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One state that something was in. `until` is None for the one it is in now."""

    state: str
    since: datetime
    until: datetime | None

    @property
    def stayed(self) -> timedelta | None:
        return None if self.until is None else self.until - self.since


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """Work that was tried too often and waits for somebody. `why`: a code. `key`: its row, for giving it back."""

    queue: str
    key: str
    parked_at: datetime
    tries: int
    why: str
    case_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a payment provider said, and how long after that it was taken in (None: not yet)."""

    at: datetime
    epoch: int
    fence: int
    outcome: str
    failure_code: str
    taken_in: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One thing that moves through states: a case, or a payment of it. `next_at`: when it is looked at again.

    `queue` and `key` name its row; `waits_for` is what a case waits for; `attempts` counts a payment's new attempts.
    """

    id: UUID
    queue: str
    steps: tuple[Step, ...]
    answers: tuple[Answered, ...] = ()
    next_at: datetime | None
    waits_for: str = ""
    tries: int
    attempts: int = 1
    parked_at: datetime | None

    @property
    def state(self) -> str:
        return self.steps[-1].state if self.steps else ""


_STEPS = """
SELECT t.subject_id, t.to_state, t.at FROM events_transition t
 WHERE t.subject_id = ANY(%(ids)s) AND t.merchant_id = %(company)s AND t.to_state IS DISTINCT FROM t.from_state
 ORDER BY t.subject_id, t.id
"""
_ANSWERS = """
SELECT w.payout_id, w.at, w.epoch, w.fence, w.outcome, coalesce(w.failure_code, ''), w.applied_at - w.at
  FROM payments_answer w WHERE w.payout_id = ANY(%(ids)s) AND w.merchant_id = %(company)s ORDER BY w.id
"""
_ROWS = """
SELECT c.id, 'cases', c.wake_at, c.waits_for, c.tries, 0, c.parked_at FROM refunds_case c
 WHERE c.id = %(case)s AND c.merchant_id = %(company)s
 UNION ALL
(SELECT p.id, 'payouts', p.next_at, '', p.tries, p.epoch, p.parked_at FROM payments_payout p
  WHERE p.case_id = %(case)s AND p.merchant_id = %(company)s ORDER BY p.id)
"""


@tenancy.query
def run_of_case(*, merchant_id: UUID, case_id: UUID) -> list[Run]:
    """The case first, then its payments, the oldest first; empty when there is no such case of that company."""
    rows = _ask(_ROWS, case=case_id, company=merchant_id)
    ids = [row[0] for row in rows]
    moments: dict[UUID, list[tuple[str, datetime]]] = {}
    for subject_id, state, at in _ask(_STEPS, ids=ids, company=merchant_id):
        moments.setdefault(subject_id, []).append((state, at))
    answers: dict[UUID, list[Answered]] = {}
    for payout_id, at, epoch, fence, outcome, code, taken_in in _ask(_ANSWERS, ids=ids, company=merchant_id):
        told = Answered(at=at, epoch=epoch, fence=fence, outcome=outcome, failure_code=code, taken_in=taken_in)
        answers.setdefault(payout_id, []).append(told)
    return [
        Run(
            id=one,
            queue=queue,
            steps=_steps(moments.get(one, [])),
            answers=tuple(answers.get(one, ())),
            next_at=next_at,
            waits_for=waits_for,
            tries=tries,
            attempts=epoch + 1,
            parked_at=parked_at,
        )
        for one, queue, next_at, waits_for, tries, epoch, parked_at in rows
    ]


def _steps(moments: list[tuple[str, datetime]]) -> tuple[Step, ...]:
    ends = [at for _, at in moments[1:]] + [None]
    return tuple(Step(state=state, since=at, until=until) for (state, at), until in zip(moments, ends, strict=True))


def _ask(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
