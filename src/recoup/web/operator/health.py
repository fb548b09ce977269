"""How the platform runs: programs, queues, what was put aside, and work that is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.kernel.clock import now
from recoup.merchants import queries as merchants
from recoup.merchants.queries import Company
from recoup.operations import queries as operations
from recoup.operations.queries import Life, Line, Parked
from recoup.web.operator import wording
from recoup.web.operator.console import READ, Console, at_console

#: Gauges older than this say nothing any more: whoever measures is silent.
STALE = timedelta(seconds=60)
#: Work that waits longer than this is late.
LATE = timedelta(seconds=30)
COMPANIES_MAX = 8
#: Every part of the platform that has to live somewhere.
EXPECTED = ("web/pages", "live/pages", "vault/payments")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRow:
    """A part of a program as the page shows it."""

    name: str
    words: str
    places: int
    seen_at: datetime | None
    is_well: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A queue as the page shows it; `late`: how long the first of it has waited, in words."""

    words: str
    done_by: str
    due: int
    late: str
    parked: int
    is_well: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedRow:
    """Something that was put aside, and where it is run again."""

    words: str
    why: str
    tries: int
    since: datetime
    case_number: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedOf:
    """What was put aside of one company."""

    company: Company
    rows: tuple[ParkedRow, ...]


@require_safe
@at_console(READ)
def home(request: HttpRequest, console: Console) -> HttpResponse:
    """Is everything well? Programs, queues, and how much was put aside."""
    at = now()
    programs, measured = program_rows(operations.lives(at=at)), operations.lines()
    measured_at = max((line.measured_at for line in measured), default=None)
    is_stale = measured_at is None or at - measured_at > STALE
    queues = [queue_row(line) for line in measured]
    parked = sum(line.parked for line in measured)
    wrong = [row.name for row in programs if not row.is_well] + [row.words for row in queues if not row.is_well]
    context = {
        "staff_name": console.name,
        "programs": programs,
        "queues": queues,
        "measured_at": measured_at,
        "is_stale": is_stale,
        "parked": parked,
        "wrong": len(wrong) + is_stale,
    }
    return render(request, "operator/home.html", context)


@require_safe
@at_console(READ)
def parked(request: HttpRequest, console: Console) -> HttpResponse:
    """Everything that was tried too often, by company, whoever waits longest first."""
    waiting = operations.companies_with_parked_work()
    listed = [parked_of(merchants.by_id(company_id)) for company_id in waiting[:COMPANIES_MAX]]
    context = {
        "staff_name": console.name,
        "listed": [one for one in listed if one.rows],
        "further": max(0, len(waiting) - COMPANIES_MAX),
        "done": "It runs again. What becomes of it shows here in a few seconds." if "done" in request.GET else "",
    }
    return render(request, "operator/parked.html", context)


def parked_of(company: Company) -> ParkedOf:
    """What was put aside of that company."""
    found = operations.parked_work(merchant_id=company.id)
    return ParkedOf(company=company, rows=tuple(_parked_row(one, company.id) for one in found))


def _parked_row(one: Parked, company_id: UUID) -> ParkedRow:
    return ParkedRow(
        words=wording.QUEUES[one.queue],
        why=wording.plain(one.why),
        tries=one.tries,
        since=one.parked_at,
        case_number=one.case_number,
        url=address(one.queue, company_id, one.key),
    )


def address(queue: str, company_id: UUID, key: object) -> str:
    """Where that work is run again."""
    return f"/operator/parked/{queue}/{company_id}/{key}"


def program_rows(lives: list[Life]) -> list[ProgramRow]:
    """Every part that was seen, and those that should have been."""
    found = {f"{life.program}/{life.part}": life for life in lives}
    rows = [
        ProgramRow(name=name, words=_words(name), places=0, seen_at=None, is_well=False)
        for name in EXPECTED
        if name not in found
    ]
    if not any(life.program == "worker" for life in lives):
        rows.append(ProgramRow(name="worker", words=wording.PROGRAMS["worker"], places=0, seen_at=None, is_well=False))
    return rows + [
        ProgramRow(
            name=life.program if name in EXPECTED else name,
            words=_words(name),
            places=life.places,
            seen_at=life.seen_at,
            is_well=not life.is_silent,
        )
        for name, life in found.items()
    ]


def _words(name: str) -> str:
    program, _, part = name.partition("/")
    return wording.PARTS.get(part) or wording.PROGRAMS.get(program, program)


def queue_row(line: Line) -> QueueRow:
    """A queue, and whether it is well: nothing put aside, and nothing waits for long."""
    return QueueRow(
        words=line.words,
        done_by=line.done_by.replace("/", ", "),
        due=line.due,
        late=wording.took(line.late) if line.due else "",
        parked=line.parked,
        is_well=not line.parked and line.late < LATE,
    )
