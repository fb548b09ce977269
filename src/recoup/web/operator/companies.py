"""Companies as operators see them: how their accounts at payment providers stand, and what waits of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.merchants import queries as merchants
from recoup.merchants.queries import Company
from recoup.operations import queries as operations
from recoup.operations.queries import DeedDone
from recoup.web.operator import health, wording
from recoup.web.operator.console import READ, Console, at_console

DONE = {
    "off": "Payments by this account are stopped. What is promised waits, and nothing is lost.",
    "on": "Payments by this account go on.",
    "verified": "Shoppers see the verified badge from now on.",
    "unverified": "The badge is gone from the shoppers' pages.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRow:
    """A company in the list: what is due and what was put aside of it."""

    company: Company
    due: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedRow:
    """What an operator did, in words."""

    at: datetime
    who: str
    words: str
    why: str
    company: str


@require_safe
@at_console(READ)
def index(request: HttpRequest, console: Console) -> HttpResponse:
    """Every company, by name."""
    words = request.GET.get("q", "").strip()[:100]
    waiting = operations.waiting_by_company()
    rows = [
        CompanyRow(company=one, due=waiting.get(one.id, (0, 0))[0], parked=waiting.get(one.id, (0, 0))[1])
        for one in merchants.participating(search=words)
    ]
    return render(request, "operator/companies.html", {"staff_name": console.name, "rows": rows, "words": words})


@require_safe
@at_console(READ)
def show(request: HttpRequest, console: Console, slug: str) -> HttpResponse:
    """One company: its accounts with their switches, its queues, and what operators did there. Raises NotFound."""
    company = merchants.by_slug(slug)
    done = operations.deeds(company_id=company.id, limit=20)
    context = {
        "staff_name": console.name,
        "company": company,
        "rails": operations.rails(merchant_id=company.id),
        "queues": [health.queue_row(line) for line in operations.lines_by_company(company_id=company.id)],
        "parked": health.parked_of(company).rows,
        "deeds": deed_rows(done, names={company.id: company.name}),
        "done": DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, "operator/company.html", context)


def deed_rows(done: list[DeedDone], *, names: Mapping[UUID, str]) -> list[DeedRow]:
    """Deeds in words. Operators are colleagues: they are named."""
    people = operations.names_of_operators({one.actor for one in done})
    return [
        DeedRow(
            at=one.at,
            who=people.get(one.actor, wording.actor(one.actor)),
            words=wording.DEEDS.get(one.kind, wording.plain(one.kind)),
            why=wording.WHYS.get(one.why, ""),
            company=names.get(one.company_id, ""),
        )
        for one in done
    ]
