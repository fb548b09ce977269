"""A company's cases: found by what people remember of them, and taken along as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from recoup.access import limits, tenancy
from recoup.kernel.clock import now
from recoup.kernel.money import spoken, text_from_minor
from recoup.refunds import actions
from recoup.refunds import queries as cases
from recoup.refunds.policy.reasons import Reason
from recoup.refunds.queries import Place, Wanted
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView
from recoup.web import lasting
from recoup.web.review import words
from recoup.web.shopper import reasons
from recoup.web.shopper.companies import as_card
from recoup.web.shopper.view_models import Tone
from recoup.web.staff import spans
from recoup.web.staff.desk import Desk, at_desk

PAGE = 50
WORDS_MAX = 254
#: What begins with one of these is a formula to a spreadsheet.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "case", "order", "email", "channel", "reason", "words", "state", "currency", "asked", "granted",
    "requested_at", "decided_at", "initiated_at", "credited_at", "closed_at", "rule",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case of the list. `took`: from asking to the provider's acceptance, in words."""

    number: str
    order_number: str
    reason: str
    state: str
    tone: Tone
    asked_at: datetime
    took: str
    asked: str
    granted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What the address asks for, and how the form shows it again."""

    span: spans.Span
    wanted: Wanted

    @property
    def query(self) -> str:
        """As an address says it."""
        told = {
            "days": self.span.code,
            "state": self.wanted.state,
            "reason": self.wanted.reason,
            "q": self.wanted.words,
        }
        return urlencode({name: value for name, value in told.items() if value})


@require_safe
@at_desk("cases:read")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases that fit, newest first."""
    looking, merchant_id = _looking(request), desk.company.id
    with tenancy.reading(merchant_id=merchant_id):
        found = cases.search_cases(
            merchant_id=merchant_id, wanted=looking.wanted, limit=PAGE + 1, after=_place(request)
        )
    more = f"{looking.query}&after={_place_of(found[PAGE - 1])}" if len(found) > PAGE else ""
    context = {
        "company": as_card(desk.company),
        "staff_name": desk.name,
        "looking": looking,
        "rows": [_row(case) for case in found[:PAGE]],
        "next_url": f"/staff/cases?{more}" if more else "",
        "export_url": f"/staff/cases/export?{looking.query}" if desk.may("exports:make") else "",
        "states": [(state.value, words.STATES[state][0]) for state in CaseState],
        "reasons": [(reason.value, reasons.in_words(reason)) for reason in Reason],
    }
    return render(request, "staff/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk("exports:make")
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """First how many cases it will be and what stands in the file; then the file."""
    looking, merchant_id = _looking(request), desk.company.id
    count = cases.count_cases(merchant_id=merchant_id, wanted=looking.wanted)
    if request.method != "POST":
        context = {
            "company": as_card(desk.company),
            "staff_name": desk.name,
            "looking": looking,
            "count": count,
            "columns": COLUMNS,
            "state": words.STATES[looking.wanted.state][0] if looking.wanted.state else "",
            "reason": reasons.in_words(looking.wanted.reason) if looking.wanted.reason else "",
        }
        return render(request, "staff/export.html", context)
    at = now()
    limits.spend(bucket="exports", subject=str(desk.person_id), at=at, merchant_id=merchant_id).or_refuse()
    actions.note_export(merchant_id=merchant_id, wanted=looking.wanted, cases=count, by=desk.actor, at=at)
    response = StreamingHttpResponse(_lines(merchant_id, looking.wanted), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cases-{desk.company.slug}-{at:%Y-%m-%d}.csv"'
    return cast(HttpResponse, response)


def _looking(request: HttpRequest) -> Looking:
    """Whatever is no state, reason or span is left out, as if it had not been asked for."""
    span = spans.span_of(request, at=now())
    state, reason = request.GET.get("state", ""), request.GET.get("reason", "")
    said = request.GET.get("q", "").strip().replace("\0", "")[:WORDS_MAX]
    wanted = Wanted(
        since=span.since,
        until=span.until,
        state=state if state in set(CaseState) else "",
        reason=reason if reason in set(Reason) else "",
        words=said,
    )
    return Looking(span=span, wanted=wanted)


def _place_of(case: CaseView) -> str:
    return f"{case.requested_at.timestamp():.6f}_{case.id}"


def _place(request: HttpRequest) -> Place | None:
    """Where the page before ended; whatever is no such place is the beginning."""
    moment, _, name = request.GET.get("after", "").partition("_")
    try:
        return datetime.fromtimestamp(float(moment), tz=now().tzinfo), UUID(name)
    except (ValueError, OverflowError, OSError):
        return None


def _row(case: CaseView) -> Row:
    state, tone = words.STATES[case.state]
    seconds = (case.initiated_at - case.requested_at).total_seconds() if case.initiated_at else None
    return Row(
        number=case.number,
        order_number=case.order_number,
        reason=reasons.in_words(case.reason),
        state=state,
        tone=tone,
        asked_at=case.requested_at,
        took=lasting.in_words(seconds),
        asked=spoken(case.amount_requested_minor, case.currency) if case.currency else "\N{EN DASH}",
        granted=spoken(case.amount_minor, case.currency) if case.amount_minor else "\N{EN DASH}",
    )


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        """Comes back as it is."""
        return line


def _lines(merchant_id: UUID, wanted: Wanted) -> Iterator[str]:
    """The file, line by line, with the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + str(writer.writerow(COLUMNS))
    for case in cases.every_case(merchant_id=merchant_id, wanted=wanted):
        yield str(writer.writerow(_harmless(_values(case))))


def _values(case: CaseView) -> Sequence[Any]:
    clocks = (case.requested_at, case.decided_at, case.initiated_at, case.credited_at, case.closed_at)
    amounts = [
        text_from_minor(amount, case.currency) if case.currency else ""
        for amount in (case.amount_requested_minor, case.amount_minor)
    ]
    return [
        case.number, case.order_number, case.email, case.channel, case.reason, case.words, case.state, case.currency,
        *amounts, *(at.isoformat() if at else "" for at in clocks), case.rule,
    ]  # fmt: skip


def _harmless(values: Sequence[str]) -> list[str]:
    """No cell is a formula to the spreadsheet that opens it, whatever a shopper typed."""
    return [f"'{value}" if value.startswith(_FORMULAS) else value for value in values]
