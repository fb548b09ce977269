"""The page of who may what: roles x actions out of the policies, the limits, and "may they, and why?"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.access import explaining, policies, roles_table
from recoup.access import queries as access
from recoup.access.resources import PLATFORM
from recoup.identity import queries as identity
from recoup.kernel.clock import now
from recoup.kernel.errors import Refusal
from recoup.kernel.money import spoken
from recoup.merchants import queries as merchants
from recoup.web.staff import naming, watch
from recoup.web.staff.watch import Watch

_GROUPS = {
    "access": "Rights",
    "account": "One's own account",
    "cases": "Cases",
    "exports": "Exports",
    "gateway": "API gateways",
    "keys": "API keys",
    "members": "People",
    "orders": "Orders",
    "pages": "Public pages",
    "payouts": "Payments",
    "platform": "The platform",
    "settings": "Settings",
    "webhooks": "Webhooks",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The actions on one kind of thing."""

    code: str
    words: str
    rows: tuple[roles_table.Row, ...]


@require_safe
@watch.on_watch
def rights(request: HttpRequest, seat: Watch) -> HttpResponse:
    """Readable by whoever the policies let read it; asking changes nothing, so the form is a plain GET."""
    at = now()
    who, action, about = (request.GET.get(name, "").strip()[:100] for name in ("who", "action", "about"))
    answer, problem = _answer(seat, who, action, about, at=at) if who and action else (None, "")
    table = roles_table.rows()
    context = {
        "company": seat.company,
        "staff_name": seat.name,
        "roles": roles_table.ROLES,
        "groups": _groups(table),
        "readers": _readers(table),
        "limits": _limits(seat, at=at),
        "askers": _askers(seat, at=at),
        "actions": [row.action for row in table if _kind(seat) in row.action.resources],
        "asked": {"who": who, "action": action, "about": about},
        "answer": answer,
        "problem": problem,
    }
    return render(request, "staff/rights.html", context, status=422 if problem else 200)


def _groups(table: tuple[roles_table.Row, ...]) -> list[Group]:
    def kind(row: roles_table.Row) -> str:
        return row.action.name.partition(":")[0]

    return [Group(code=code, words=_GROUPS.get(code, code), rows=tuple(rows)) for code, rows in groupby(table, kind)]


def _readers(table: tuple[roles_table.Row, ...]) -> str:
    """Who may read this page and ask for explanations, as the policies have it."""
    (row,) = (row for row in table if row.action.name == watch.ACTION)
    return ", ".join(cell.role.words.lower() for cell in row.cells if cell.is_allowed)


def _limits(seat: Watch, *, at: datetime) -> list[tuple[str, str]]:
    if seat.company is None:
        return []
    currency = seat.company.currency
    limits = merchants.approval_limits(merchant_id=seat.company.id, at=at)
    listed = (
        ("A reviewer approves alone up to", limits.reviewer_limit_minor),
        ("A manager approves alone up to", limits.manager_limit_minor),
        ("A key approves up to", limits.key_limit_minor),
        ("Two people are needed from", limits.four_eyes_from_minor),
    )
    told = [(words, "no limit" if minor is None else spoken(minor, currency)) for words, minor in listed[:3]]
    four_eyes = limits.four_eyes_from_minor
    return [*told, (listed[3][0], "no amount: one is enough" if four_eyes is None else spoken(four_eyes, currency))]


def _askers(seat: Watch, *, at: datetime) -> list[tuple[str, str]]:
    """Whom somebody may ask about: the company's own people and keys, and roles."""
    roles = [(f"role:{code}", f"Somebody as {code}") for code in naming.ROLES_OF_COMPANIES]
    if seat.company is None:
        return [*roles, ("role:operator", "Somebody as operator")]
    with _eyes(seat, at=at).open():
        people = identity.people_of(merchant_id=seat.company.id)
        keys = access.keys_on_the_list(at=at, merchant_id=seat.company.id)
    return [
        *((f"person:{one.person_id}", f"{one.name or one.email}, {one.roles[seat.company.id]}") for one in people),
        *((f"key:{key.id}", f"Key {key.label} (…{key.hint}){'' if key.is_live else ', ended'}") for key in keys),
        *roles,
    ]


def _answer(seat: Watch, who: str, action: str, about: str, *, at: datetime) -> tuple[Any, str]:
    """The explanation, or what is wrong with the question."""
    eyes = _eyes(seat, at=at)
    try:
        if action not in policies.rules().actions:
            return None, "Please choose what it is about from the list."
        if seat.company is None:
            if not who.startswith("role:") or about:
                return None, "Operators see nothing of a company's people and cases: ask about a role."
            found = naming.principal(who, eyes, company=None)
            why = explaining.explain(principal=found.principal, action=action, resource=PLATFORM)
            return {"who": found, "what": "this Recoup", "why": why, "is_allowed": why.is_allowed}, ""
        with eyes.open():
            told = naming.resource(f"case:{about}" if about else f"company:{seat.company.slug}", eyes)
            found = naming.principal(who, eyes, company=seat.company.id)
            asked = naming.circumstances(told, action, found.principal, eyes)
        why = explaining.explain(principal=found.principal, action=action, resource=told.thing, circumstances=asked)
    except Refusal as refusal:
        return None, f"{refusal}"
    is_allowed = why.is_allowed and not found.ended
    return {"who": found, "what": told.words, "why": why, "is_allowed": is_allowed}, ""


def _kind(seat: Watch) -> str:
    """What is asked about when no case is named."""
    return "Company" if seat.company else "Platform"


def _eyes(seat: Watch, *, at: datetime) -> naming.Eyes:
    return naming.Eyes(at=at, within=seat.company.id if seat.company else naming.NOBODY)
