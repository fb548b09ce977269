"""What operators see. Nothing here says who a shopper is, what they bought, or what it cost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.identity import queries as identity
from recoup.kernel import signs
from recoup.operations import queues
from recoup.operations.models import Deed, Gauge, Sign
from recoup.operations.runs import Answered, Parked, Run, Step, run_of_case

__all__ = [
    "Answered",
    "DeedDone",
    "Happened",
    "Life",
    "Line",
    "Parked",
    "Rail",
    "Run",
    "Step",
    "companies_with_parked_work",
    "deeds",
    "happenings",
    "lines",
    "lines_by_company",
    "lives",
    "names_of_operators",
    "parked_work",
    "rails",
    "run_of_case",
    "waiting_by_company",
]

PARKED_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A part of a program: in how many places it was seen lately, and when last. `is_silent`: in none."""

    program: str
    part: str
    places: int
    since: datetime
    seen_at: datetime
    is_silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A queue when it was last measured: what is due and since when, what was put aside and since when."""

    queue: str
    words: str
    done_by: str
    due: int
    due_since: datetime | None
    parked: int
    parked_since: datetime | None
    measured_at: datetime

    @property
    def late(self) -> timedelta:
        """How long the first of them had waited when it was measured."""
        return max(timedelta(), self.measured_at - self.due_since) if self.due_since else timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """A company's account at a payment provider. `answered_at`: when it last said anything about a payment."""

    id: UUID
    rail: str
    label: str
    is_enabled: bool
    waiting: int
    answered_at: datetime | None
    pending: int
    broken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedDone:
    """What an operator did."""

    at: datetime
    actor: str
    kind: str
    company_id: UUID
    subject_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event of a company's history, without what it says of people and money. `case_number`: of the case that it is
    about, if it is about one.
    """

    id: int
    at: datetime
    kind: str
    actor: str
    subject_id: UUID
    case_number: str


def lives(*, at: datetime) -> list[Life]:
    """Every part of every program that was seen in the last day, by program and part."""
    silent_from = at - timedelta(seconds=signs.SILENT_S)
    by_part: dict[tuple[str, str], list[Sign]] = {}
    for sign in Sign.objects.order_by("program", "part", "-seen_at"):
        by_part.setdefault((sign.program, sign.part), []).append(sign)
    return [
        Life(
            program=program,
            part=part,
            places=sum(one.seen_at >= silent_from for one in found),
            since=min((one.started_at for one in found if one.seen_at >= silent_from), default=found[0].started_at),
            seen_at=found[0].seen_at,
            is_silent=found[0].seen_at < silent_from,
        )
        for (program, part), found in by_part.items()
    ]


def lines() -> list[Line]:
    """Every queue over all companies, in the order of `queues`; empty while nobody has measured yet."""
    return _by_queue(list(Gauge.objects.all()))


def lines_by_company(*, company_id: UUID) -> list[Line]:
    """Every queue in which something of that company waits or was put aside."""
    return _by_queue(list(Gauge.objects.filter(company_id=company_id)))


def companies_with_parked_work() -> list[UUID]:
    """Companies of which something was put aside, whoever waits longest first."""
    found = Gauge.objects.filter(company_id__isnull=False, parked__gt=0).order_by("parked_since")
    return list(dict.fromkeys(gauge.company_id for gauge in found if gauge.company_id is not None))


def waiting_by_company() -> dict[UUID, tuple[int, int]]:
    """How much is due, and how much was put aside, of each company of which anything is."""
    found: dict[UUID, tuple[int, int]] = {}
    for company_id, due, parked in Gauge.objects.filter(company_id__isnull=False).values_list(
        "company_id", "due", "parked"
    ):
        if company_id is not None:
            before = found.get(company_id, (0, 0))
            found[company_id] = (before[0] + due, before[1] + parked)
    return found


def _by_queue(gauges: Sequence[Gauge]) -> list[Line]:
    found = []
    for name, words in queues.WORDS.items():
        own = [gauge for gauge in gauges if gauge.queue == name]
        if own:
            found.append(
                Line(
                    queue=name,
                    words=words,
                    done_by=queues.DONE_BY[name],
                    due=sum(gauge.due for gauge in own),
                    due_since=min((gauge.due_since for gauge in own if gauge.due_since), default=None),
                    parked=sum(gauge.parked for gauge in own),
                    parked_since=min((gauge.parked_since for gauge in own if gauge.parked_since), default=None),
                    measured_at=max(gauge.measured_at for gauge in own),
                )
            )
    return found


_PARKED = """
SELECT '{name}', w.id::text, w.parked_at, w.tries, {why}, c.number
  FROM {table} w LEFT JOIN refunds_case c ON c.id = {case} WHERE w.parked_at IS NOT NULL AND w.merchant_id = %(company)s
   AND {only}
"""
#: What the row itself says of why it stopped: codes, never somebody's words.
_WHY = {"payouts": "coalesce(w.failure_code, w.state)", "receipts": "w.kind", "cases": "w.waits_for"}


@tenancy.query
def parked_work(*, merchant_id: UUID) -> list[Parked]:
    """What was put aside of that company, the longest first; at most fifty."""
    parts = [
        _PARKED.format(
            name=queue.name,
            table=queue.table,
            why=_WHY.get(queue.name, "w.template"),
            case=f"w.{queue.case}" if queue.case else "NULL::uuid",
            only=f"w.{queue.only}" if queue.only != "true" else "true",
        )
        for queue in queues.RETURNABLE
    ]
    sql = f"{' UNION ALL '.join(parts)} ORDER BY 3 LIMIT %(limit)s"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"company": merchant_id, "limit": PARKED_MAX})
        return [
            Parked(queue=name, key=key, parked_at=at, tries=tries, why=why or "", case_number=number or "")
            for name, key, at, tries, why, number in cursor.fetchall()
        ]


_RAILS = """
SELECT a.id, a.rail, a.label, a.is_enabled,
       count(p.id) FILTER (WHERE p.next_at IS NOT NULL AND p.parked_at IS NULL),
       (SELECT max(s.at) FROM (SELECT w.at FROM payments_answer w JOIN payments_payout q ON q.id = w.payout_id
         WHERE q.rail_account_id = a.id AND w.merchant_id = %(company)s ORDER BY w.id DESC LIMIT 1) AS s),
       count(p.id) FILTER (WHERE p.state = 'provider_pending'),
       count(p.id) FILTER (WHERE p.state IN ('failed', 'reversed', 'awaiting_merchant_funds'))
  FROM payments_railaccount a
  LEFT JOIN payments_payout p ON p.rail_account_id = a.id AND p.merchant_id = a.merchant_id
       AND (p.next_at IS NOT NULL OR p.state IN ('provider_pending', 'failed', 'reversed', 'awaiting_merchant_funds'))
 WHERE a.merchant_id = %(company)s GROUP BY a.id ORDER BY a.created_at, a.id
"""


@tenancy.query
def rails(*, merchant_id: UUID) -> list[Rail]:
    """The company's accounts at payment providers, and how their payments stand; the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_RAILS, {"company": merchant_id})
        return [Rail(**dict(zip(Rail.__slots__, row, strict=True))) for row in cursor.fetchall()]


def deeds(
    *,
    company_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    noun: str = "",
    limit: int = 50,
) -> list[DeedDone]:
    """What operators did, newest first; of one company, or of all. `noun` is the first word of a kind."""
    found = Deed.objects.order_by("-at", "-id")
    if company_id is not None:
        found = found.filter(company_id=company_id)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    if noun:
        found = found.filter(kind__startswith=f"{noun}.")
    return [DeedDone(**{name: getattr(one, name) for name in DeedDone.__slots__}) for one in found[:limit]]


_HAPPENED = """
SELECT h.*, coalesce(c.number, '') FROM (
    SELECT e.id, e.at, e.kind, e.actor, e.subject_id FROM events_event e
     WHERE e.merchant_id = %(company)s AND e.at >= %(since)s AND e.at < %(until)s
       AND (%(noun)s = '' OR split_part(e.kind, '.', 1) = %(noun)s)
       AND (%(actor)s = '' OR e.actor = %(actor)s)
       AND (%(is_anything)s OR e.subject_id = ANY(%(subjects)s::uuid[]))
     ORDER BY e.at DESC, e.id DESC LIMIT %(limit)s
) AS h LEFT JOIN payments_payout p ON p.id = h.subject_id
       LEFT JOIN refunds_case c ON c.id = coalesce(p.case_id, h.subject_id)
 ORDER BY h.at DESC, h.id DESC
"""


@tenancy.query
def happenings(
    *,
    merchant_id: UUID,
    since: datetime,
    until: datetime,
    noun: str = "",
    actor: str = "",
    subjects: Collection[UUID] | None = None,
    limit: int = 100,
) -> list[Happened]:
    """What is in the company's sealed history of that span, newest first: who did what to which thing.

    `noun` is the first word of a kind; `subjects` are cases, payments or other things (None: all).
    """
    values: dict[str, Any] = {
        "company": merchant_id,
        "since": since,
        "until": until,
        "noun": noun,
        "actor": actor,
        "is_anything": subjects is None,
        "subjects": list(subjects or ()),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HAPPENED, values)
        return [Happened(**dict(zip(Happened.__slots__, row, strict=True))) for row in cursor.fetchall()]


def names_of_operators(actors: Collection[str]) -> dict[str, str]:
    """`person:<id>` -> the name, of those who are operators."""
    ids = {actor: UUID(actor.partition(":")[2]) for actor in actors if actor.startswith("person:")}
    names = identity.operators(ids.values())
    return {actor: names[one] for actor, one in ids.items() if one in names}
