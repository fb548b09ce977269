"""How much may be approved by whom, and when two people have to: shown to auditors, set by managers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from recoup.access.resources import Company, Member
from recoup.identity.actions.set_approve_limit import set_approve_limit
from recoup.kernel.clock import now
from recoup.kernel.errors import Invalid
from recoup.kernel.money import spoken, text_from_minor
from recoup.merchants import actions as merchants
from recoup.merchants import queries as companies
from recoup.merchants.queries import LOOSER_AFTER, Limits
from recoup.refunds import queries as cases
from recoup.web.shopper import reasons
from recoup.web.staff.desk import Desk, at_desk
from recoup.web.staff.limit_forms import LimitsForm, OwnLimit

NO_LIMIT = "no limit"
#: What counts, in words: with an amount, and without one.
AMOUNTS = {
    "reviewer_limit_minor": ("Reviewers alone up to {}", "Reviewers alone without limit"),
    "manager_limit_minor": ("Managers alone up to {}", "Managers alone without limit"),
    "key_limit_minor": ("Your servers' keys up to {}", "Your servers' keys without limit"),
    "four_eyes_from_minor": ("Two people from {}", "One person is enough, whatever the amount"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody who approves cases, and the form for their own limit."""

    key: str
    name: str
    role: str
    limit: str
    form: OwnLimit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What somebody set, and when."""

    at: datetime
    who: str
    told: tuple[str, ...]
    note: str


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk("settings:read", "settings:write")
def limits(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The limits that count, everybody's own, and who set what before; a manager sets new ones."""
    desk.need("settings:read", Company(desk.company.id))
    if request.method != "POST":
        return _page(request, desk, _filled(desk))
    desk.need("settings:write", Company(desk.company.id))
    form = LimitsForm(request.POST, currency=desk.company.currency)
    if not form.is_valid():
        return _page(request, desk, form)
    merchants.set_approval_limits(
        merchant_id=desk.company.id,
        limits=form.limits(),
        note=form.cleaned_data["note"],
        by=desk.actor,
        at=now(),
    )
    return redirect("/staff/limits?done=limits")


@require_POST
@at_desk("members:write")
def own_limit(request: HttpRequest, desk: Desk, person_id: UUID) -> HttpResponse:
    """One person's own limit; nobody sets theirs."""
    desk.need("members:write", Member(company=desk.company.id, person=person_id))
    form = OwnLimit(request.POST, currency=desk.company.currency)
    if not form.is_valid():
        raise Invalid(" ".join(map(str, form.errors["limit"])))
    set_approve_limit(
        merchant_id=desk.company.id, person_id=person_id, limit_minor=form.minor(), by=desk.actor, at=now()
    )
    return redirect("/staff/limits?done=own")


def _page(request: HttpRequest, desk: Desk, form: LimitsForm) -> HttpResponse:
    at, merchant_id = now(), desk.company.id
    past = companies.past_approval_limits(merchant_id=merchant_id, limit=20)
    counting = companies.approval_limits(merchant_id=merchant_id, at=at)
    newest = past[0] if past else None
    is_ahead = newest is not None and _in_words(newest.limits, desk) != _in_words(counting, desk)
    names = cases.names_of(merchant_id=merchant_id, actors={one.created_by for one in past})
    context = {
        "company": desk.company,
        "staff_name": desk.name,
        "form": form,
        "may_change": desk.may("settings:write"),
        "counting": _in_words(counting, desk),
        "looser_from": newest.created_at + LOOSER_AFTER if newest and is_ahead else None,
        "people": _people(desk, at=at),
        "past": [
            Version(at=one.created_at, who=names[one.created_by], told=_in_words(one.limits, desk), note=one.note)
            for one in past
        ],
        "done": _DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, "staff/limits.html", context, status=422 if form.errors else 200)


_DONE = {"limits": "The new limits are kept.", "own": "Their limit is kept and counts from now on."}


def _filled(desk: Desk) -> LimitsForm:
    """The form with what was set last, whether it counts already or not."""
    past = companies.past_approval_limits(merchant_id=desk.company.id, limit=1)
    return LimitsForm.of(past[0].limits if past else Limits(), currency=desk.company.currency)


def _people(desk: Desk, *, at: datetime) -> list[PersonRow]:
    currency = desk.company.currency
    return [
        PersonRow(
            key=str(one.person_id),
            name=one.name,
            role=one.role,
            limit=_amount(one.limit_minor, currency),
            form=OwnLimit(
                initial={"limit": "" if one.own_minor is None else text_from_minor(one.own_minor, currency)},
                currency=currency,
                prefix=None,
                auto_id=f"own-{one.person_id}-%s",
            )
            if desk.may("members:write", Member(company=desk.company.id, person=one.person_id))
            else None,
        )
        for one in cases.people_who_approve(merchant_id=desk.company.id, at=at)
    ]


def _in_words(limits: Limits, desk: Desk) -> tuple[str, ...]:
    told = []
    for name, (with_amount, without) in AMOUNTS.items():
        minor = getattr(limits, name)
        told.append(without if minor is None else with_amount.format(_amount(minor, desk.company.currency)))
    if limits.four_eyes_from_risk is not None:
        told.append(f"Two people from a risk of {limits.four_eyes_from_risk}")
    if limits.four_eyes_reasons:
        told.append(f"Two people for: {', '.join(map(reasons.in_words, limits.four_eyes_reasons))}")
    return tuple(told)


def _amount(minor: int | None, currency: str) -> str:
    return NO_LIMIT if minor is None else spoken(minor, currency)
