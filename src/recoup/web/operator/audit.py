"""Who did what: the deeds of operators, and the history of any company, without what it says of people and money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.kernel import ids
from recoup.kernel.clock import now
from recoup.merchants import queries as merchants
from recoup.merchants.queries import Company
from recoup.operations import queries as operations
from recoup.refunds import queries as cases
from recoup.web.operator import companies, wording
from recoup.web.operator.console import READ, Console, at_console

DAYS = {"1": "Today and yesterday", "7": "7 days", "30": "30 days"}
ROWS_MAX = 200
#: The first words of what can happen.
NOUNS = {
    "": "Anything",
    "case": "Cases",
    "payout": "Payments",
    "capture": "Money at the provider",
    "rail": "Switches of payments",
    "account": "Accounts at providers",
    "key": "API keys",
    "app": "Apps",
    "guest_token": "Guests' tokens",
    "member": "Members",
    "limits": "Limits",
    "limit": "Rate limits",
    "policy": "Policy",
    "export": "Exports",
    "origin": "Web pages that may call us",
    "webhook_endpoint": "Webhook endpoints",
    "identity_provider": "Companies' own sign-in",
    "company": "The badge",
    "merchant": "The company",
    "message": "Messages",
    "receipt": "What providers told us",
    "subscription": "What could not be heard",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that happened."""

    at: datetime
    kind: str
    actor: str
    actor_code: str
    subject: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for. `problem` says what is wrong with it."""

    company: Company | None
    noun: str
    actor: str
    number: str
    days: str
    subjects: list[UUID] | None = None
    problem: str = ""


@require_safe
@at_console(READ)
def search(request: HttpRequest, console: Console) -> HttpResponse:
    """A company's history that fits, newest first; the operators' own deeds while no company is chosen."""
    at, wanted = now(), _wanted(request)
    listed = merchants.participating()
    rows: list[Row] = []
    deeds: list[companies.DeedRow] = []
    asked: dict[str, Any] = {
        "since": at - timedelta(days=int(wanted.days)),
        "until": at + timedelta(minutes=1),
        "noun": wanted.noun,
        "limit": ROWS_MAX,
    }
    if wanted.company is None and not wanted.problem:
        done = operations.deeds(**asked)
        deeds = companies.deed_rows(done, names=merchants.names_of({one.company_id for one in done}))
    elif wanted.company is not None and not wanted.problem:
        found = operations.happenings(
            merchant_id=wanted.company.id, actor=wanted.actor, subjects=wanted.subjects, **asked
        )
        rows = [
            Row(
                at=one.at,
                kind=wording.plain(one.kind),
                actor=wording.actor(one.actor),
                actor_code=one.actor,
                subject=one.subject_id,
                number=one.case_number,
            )
            for one in found
        ]
    context = {
        "staff_name": console.name,
        "companies": listed,
        "nouns": NOUNS.items(),
        "spans": DAYS.items(),
        "wanted": wanted,
        "rows": rows,
        "is_full": ROWS_MAX in (len(rows), len(deeds)),
        "deeds": deeds,
    }
    return render(request, "operator/audit.html", context, status=422 if wanted.problem else 200)


def _wanted(request: HttpRequest) -> Wanted:
    slug, noun, actor, typed, days = (
        request.GET.get(name, "").strip()[:100] for name in ("company", "noun", "actor", "number", "days")
    )
    asked = Wanted(
        company=None,
        noun=noun if noun in NOUNS else "",
        actor=actor,
        number=typed,
        days=days if days in DAYS else "7",
    )
    if typed:
        number = ids.read_case_number(typed) or ""
        found = cases.find_by_number(number) if number else None
        if found is None:
            return replace(asked, problem="There is no case with that number.")
        runs = operations.run_of_case(merchant_id=found[0], case_id=found[1])
        return replace(asked, company=merchants.by_id(found[0]), number=number, subjects=[run.id for run in runs])
    return replace(asked, company=merchants.by_slug(slug) if slug else None)
