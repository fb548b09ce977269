"""The refund policy of a company: the tables that decide, drawn as tables, and who made which version, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.kernel.errors import NotFound
from recoup.merchants import queries as companies
from recoup.refunds import queries as cases
from recoup.refunds.policy import default_document
from recoup.web.staff import policy_words
from recoup.web.staff.desk import Desk, at_desk


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionShown:
    """A version on the list. `is_now`: it decides."""

    number: int
    title: str
    note: str
    who: str
    at: datetime
    is_now: bool
    was_enabled: bool


@require_safe
@at_desk("policy:read")
def policy(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tables of the version that decides, or of the one that is asked for."""
    now = companies.policy_now(merchant_id=desk.company.id)
    shown = _asked_for(request, desk, now)
    document = document_of(shown)
    draft = companies.policy_draft(merchant_id=desk.company.id)
    context = {
        "company": desk.company,
        "staff_name": desk.name,
        "now": now,
        "shown": shown,
        "title": document["title"],
        "tables": policy_words.tables_of(document),
        "versions": _versions(desk, now.number),
        "draft": draft,
        "may_draft": desk.may("policy:draft"),
        "may_enable": desk.may("policy:enable"),
        "done": DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, "staff/policy/show.html", context)


DONE = {
    "enabled": "This policy decides from now on.",
    "dropped": "The draft is gone. Nothing decides differently.",
}


def document_of(version: companies.PolicyNow) -> Mapping[str, Any]:
    """Its tables; the default's for a company that has none."""
    return version.document if version.document is not None else default_document()


def _asked_for(request: HttpRequest, desk: Desk, now: companies.PolicyNow) -> companies.PolicyNow:
    asked = request.GET.get("version", "")
    if not asked:
        return now
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 6):
        raise NotFound("There is no such version of your policy")
    return companies.policy_numbered(merchant_id=desk.company.id, number=int(asked))


def _versions(desk: Desk, now: int) -> list[VersionShown]:
    found = companies.past_policies(merchant_id=desk.company.id)
    names = cases.names_of(merchant_id=desk.company.id, actors={one.created_by for one in found})
    return [
        VersionShown(
            number=one.number,
            title=one.title,
            note=one.note,
            who=names[one.created_by],
            at=one.created_at,
            is_now=one.number == now,
            was_enabled=one.enabled_at is not None,
        )
        for one in found
    ]
