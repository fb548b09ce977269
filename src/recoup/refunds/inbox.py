"""What waits at a company's desk, and by when somebody should have looked at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.refunds import proposals, settling
from recoup.refunds.models import Case
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of

AT_ONCE = 200

#: A case that a person decides is due a day after it came to them, however often it has been announced as late since
#: then; all others when their own time is over. Deadlines within the same hour are equal: the higher amount goes first.
_WAITING = """
SELECT waiting.id, waiting.since, waiting.due_at
  FROM (SELECT c.id, c.amount_requested_minor, came.at AS since,
               CASE WHEN c.state = %(person)s
                    THEN coalesce(came.at, c.requested_at) + make_interval(secs => %(takes_s)s)
                    ELSE c.wake_at END AS due_at
          FROM refunds_case c
          LEFT JOIN LATERAL (SELECT coalesce(max(e.at) FILTER (WHERE e.kind <> %(half)s), max(e.at)) AS at
                               FROM events_event e WHERE e.subject_id = c.id AND e.kind = ANY(%(kinds)s)) came ON true
         WHERE c.merchant_id = %(merchant_id)s AND c.state = %(state)s AND (%(reason)s = '' OR c.reason = %(reason)s)
       ) waiting
 WHERE NOT %(only_late)s OR waiting.due_at < %(at)s
 ORDER BY date_trunc('hour', waiting.due_at), waiting.amount_requested_minor DESC, waiting.id
 LIMIT %(limit)s
"""
_CAME = """
SELECT subject_id, coalesce(max(at) FILTER (WHERE kind <> %(half)s), max(at)) FROM events_event
 WHERE merchant_id = %(merchant_id)s AND subject_id = ANY(%(ids)s) AND kind = ANY(%(kinds)s) GROUP BY subject_id
"""
#: What tells that a case has come to a person. A first yes does only when nothing else has.
_TO_A_PERSON = [f"case.{CaseState.IN_REVIEW.value}", "case.reopened", proposals.HALF_APPROVED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which cases of the inbox. An empty `reason` means any."""

    state: str = CaseState.IN_REVIEW.value
    reason: str = ""
    only_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A case of the inbox. `since`: when it came to stand where it stands; `due_at`: when that should be over."""

    case: CaseView
    since: datetime
    due_at: datetime | None


@tenancy.query
def inbox(*, merchant_id: UUID, sought: Sought, at: datetime, limit: int = AT_ONCE) -> list[Waiting]:
    """The cases that wait, the most urgent first: by the hour in which they are due, then by value."""
    person = CaseState.IN_REVIEW.value
    with connection.cursor() as cursor:
        cursor.execute(
            _WAITING,
            {
                "merchant_id": merchant_id,
                "state": sought.state,
                "reason": sought.reason,
                "only_late": sought.only_late,
                "person": person,
                "kinds": _TO_A_PERSON if sought.state == person else [f"case.{sought.state}"],
                "half": proposals.HALF_APPROVED,
                "takes_s": settling.REVIEW_TAKES.total_seconds(),
                "at": at,
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    found = {case.id: view_of(case) for case in Case.objects.filter(id__in=[row[0] for row in rows])}
    return [
        Waiting(case=found[case_id], since=since or found[case_id].requested_at, due_at=due_at)
        for case_id, since, due_at in rows
        if case_id in found
    ]


@tenancy.query
def as_waiting(found: Sequence[CaseView], *, merchant_id: UUID) -> list[Waiting]:
    """Those cases in their order, each with its deadline."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CAME,
            {
                "merchant_id": merchant_id,
                "ids": [case.id for case in found],
                "kinds": _TO_A_PERSON,
                "half": proposals.HALF_APPROVED,
            },
        )
        came = dict(cursor.fetchall())
    return [_as_waiting(case, came.get(case.id, case.requested_at)) for case in found]


def _as_waiting(case: CaseView, came_at: datetime) -> Waiting:
    if case.state != CaseState.IN_REVIEW:
        return Waiting(case=case, since=case.requested_at, due_at=case.wake_at)
    return Waiting(case=case, since=came_at, due_at=came_at + settling.REVIEW_TAKES)


def most_urgent(*, merchant_id: UUID, at: datetime, but: UUID | None = None) -> str:
    """The number of the case that a person should look at next, leaving out `but`; empty when none waits."""
    waiting = inbox(merchant_id=merchant_id, sought=Sought(), at=at, limit=2)
    return next((one.case.number for one in waiting if one.case.id != but), "")
