"""Who works for the company: auditors and managers see them; managers invite, change roles, and let people go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from recoup.access import limits
from recoup.access.resources import Company, Member
from recoup.identity import actions, inviting, roster
from recoup.identity import queries as identity
from recoup.identity.roster import OnRoster
from recoup.kernel.clock import now
from recoup.kernel.errors import Refusal
from recoup.notifications import actions as notifications
from recoup.web.staff.desk import Desk, at_desk
from recoup.web.staff.member_forms import InviteForm, RoleForm

_READS, _WRITES = "members:read", "members:write"
_FACTORS = {"webauthn": "passkey", "totp": "authenticator app"}
_DONE = {
    "invited": "The invitation is on its way.",
    "withdrawn": "The invitation is taken back. Its link opens nothing.",
    "role": "They have the new role from now on.",
    "removed": "They do not work here any more. Nothing that let them in does so now.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Somebody in the list. `factors` in words, empty for none; `may_change`: whoever looks may change their role."""

    who: OnRoster
    factors: str
    is_oneself: bool
    may_change: bool

    @property
    def name(self) -> str:
        return self.who.name or self.who.email


@require_safe
@at_desk(_READS)
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everybody who works here, and the invitations that nobody has taken up yet."""
    at = now()
    context = _frame(desk) | {
        "people": [_line(desk, one) for one in roster.people(merchant_id=desk.company.id)],
        "invitations": [(one, one.is_live(at)) for one in inviting.open_of_company(merchant_id=desk.company.id)],
        "may_change": desk.may(_WRITES, Company(desk.company.id)),
        "done": _DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, "staff/members/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A letter with a link goes to whoever is to work here."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _invite(desk, form.cleaned_data["email"], form.cleaned_data["role"], at=now())
        except Refusal as refusal:
            form.add_error("email", refusal.detail)
        else:
            return redirect("/staff/members?done=invited")
    context = _frame(desk) | {"form": form}
    return render(request, "staff/members/invite.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def withdraw(request: HttpRequest, desk: Desk, invitation_id: UUID) -> HttpResponse:
    """A page that says what will happen; then the invitation is taken back."""
    found = inviting.one_of_company(merchant_id=desk.company.id, invitation_id=invitation_id)
    if request.method != "POST":
        return render(request, "staff/members/withdraw.html", _frame(desk) | {"invitation": found})
    actions.withdraw_invitation(merchant_id=desk.company.id, invitation_id=found.id, **_by(desk))
    return redirect("/staff/members?done=withdrawn")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def role(request: HttpRequest, desk: Desk, person_id: UUID) -> HttpResponse:
    """Somebody's role is another one."""
    who = _colleague(desk, person_id)
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": who.role})
    if form.is_bound and form.is_valid():
        told = {"merchant_id": desk.company.id, "person_id": who.person_id, "role": form.cleaned_data["role"]}
        try:
            actions.change_role(**told, **_by(desk))
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
        else:
            return redirect("/staff/members?done=role")
    context = _frame(desk) | {"form": form, "line": _line(desk, who)}
    return render(request, "staff/members/role.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def remove(request: HttpRequest, desk: Desk, person_id: UUID) -> HttpResponse:
    """A page that says what ends with somebody's work here; then all of it ends at once."""
    who = _colleague(desk, person_id)
    problem = ""
    if request.method == "POST":
        elsewhere = len(identity.memberships(who.person_id)) > 1
        try:
            actions.off_board(
                merchant_id=desk.company.id, person_id=who.person_id, works_elsewhere=elsewhere, **_by(desk)
            )
        except actions.LastManager as refusal:
            problem = refusal.detail
        else:
            return redirect("/staff/members?done=removed")
    context = _frame(desk) | {
        "line": _line(desk, who),
        "ends": roster.leaving(merchant_id=desk.company.id, person_id=who.person_id),
        "problem": problem,
    }
    return render(request, "staff/members/remove.html", context, status=409 if problem else 200)


def _invite(desk: Desk, email: str, role: str, *, at: datetime) -> None:
    """Raises RateLimited, WorksHere."""
    limits.spend(bucket="invitations", subject=str(desk.company.id), at=at, merchant_id=desk.company.id).or_refuse(
        "So many were invited within the last hour that this one has to wait"
    )
    notifications.invite_colleague(
        merchant_id=desk.company.id,
        company=desk.company.name,
        email=email,
        role=role,
        who=desk.name or desk.email,
        url=lambda token: f"{settings.PUBLIC_URL}/account/join/{token}/",
        by=desk.actor,
        at=at,
    )


def _colleague(desk: Desk, person_id: UUID) -> OnRoster:
    """Somebody of the company that whoever sits here may change. Raises NotFound, NotAllowed."""
    found = roster.one(merchant_id=desk.company.id, person_id=person_id)
    desk.need(_WRITES, Member(company=desk.company.id, person=found.person_id))
    return found


def _line(desk: Desk, one: OnRoster) -> Line:
    return Line(
        who=one,
        factors=" and ".join(_FACTORS[kind] for kind in reversed(one.factors)),
        is_oneself=one.person_id == desk.person_id,
        may_change=desk.may(_WRITES, Member(company=desk.company.id, person=one.person_id)),
    )


def _frame(desk: Desk) -> dict[str, Any]:
    return {"company": desk.company, "staff_name": desk.name}


def _by(desk: Desk) -> dict[str, Any]:
    return {"by": desk.actor, "at": now()}
