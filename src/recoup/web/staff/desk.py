"""Who sits at the desk: a signed-in person and the company they work for. Pages for staff begin here.

Nobody sits down with a password alone: the second factor has been given in this very sign-in, or is asked for now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from recoup.access import authorizer, doors
from recoup.access.principals import Kind, Principal
from recoup.access.resources import NOTHING_ELSE, Circumstances, Company, Resource
from recoup.identity import queries as identity
from recoup.kernel.clock import now
from recoup.merchants import queries as merchants
from recoup.web import session_life
from recoup.web.account import second_factor

_IN_SESSION = "desk"


#: A proof of who somebody is counts as fresh for so long. A page is opened with time to spare for what is typed on it.
RECENT_S = 15 * 60
SPARE_S = 5 * 60
#: Where a desk's people go: the address, its name, and the action that opens it. Every day...
ROOMS = (
    ("/staff", "How it goes", "reports:read"),
    ("/review", "Cases", "cases:read"),
    ("/staff/items", "Items", "reports:read"),
    ("/staff/orders", "Orders", "orders:read"),
)
#: ...and to set the company up.
COMPANY_ROOMS = (
    ("/staff/policy", "Policy", "policy:read"),
    ("/staff/limits", "Limits", "settings:read"),
    ("/staff/look", "Your page", "settings:read"),
    ("/staff/members", "People", "members:read"),
    ("/staff/access", "Rights", "access:read"),
    ("/staff/webhooks", "Webhooks", "webhooks:read"),
    ("/staff/apps", "Apps", "keys:read"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A member of a company's staff at work. `principal` is who the authorizer is told."""

    person_id: UUID
    name: str
    email: str
    role: str
    company: merchants.Company
    is_recent: bool = True

    @property
    def actor(self) -> str:
        return self.principal.actor

    @property
    def principal(self) -> Principal:
        """They have shown a second factor, else they would not sit here."""
        return Principal(
            kind=Kind.PERSON,
            id=self.person_id,
            merchant_id=self.company.id,
            role=self.role,
            email=self.email,
            has_second_factor=True,
            is_recent=self.is_recent,
        )

    def may(self, action: str, resource: Resource | None = None) -> bool:
        """Whether the page offers it. A proof that has grown old is asked for when it is done."""
        return decision_on(replace(self.principal, is_recent=True), action, resource).is_allowed

    @property
    def rooms(self) -> list[tuple[str, str]]:
        """Address and name of every room of the day that is open to them."""
        return [(address, name) for address, name, action in ROOMS if self.may(action)]

    @property
    def company_rooms(self) -> list[tuple[str, str]]:
        """Address and name of every room of the company that is open to them."""
        return [(address, name) for address, name, action in COMPANY_ROOMS if self.may(action)]

    def need(self, action: str, resource: Resource, circumstances: Circumstances = NOTHING_ELSE) -> None:
        """They may. Raises NotAllowed; or ProveAgain, when only a fresh proof is missing: `at_desk` asks for it."""
        doors.allow(replace(self.principal, is_recent=True), action, resource, circumstances)
        try:
            doors.allow(self.principal, action, resource, circumstances)
        except doors.NotAllowed:
            raise ProveAgain from None


class ProveAgain(doors.NotAllowed):
    """Nothing was done: the person has to prove themselves again first."""

    title = "Please show again that it is you"


def at_desk(*actions: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """The view gets the desk as its second argument, for people who may do one of `actions` at their company.

    Strangers sign in first; people without a company, or without the right, are told so. A view with several actions
    asks itself for the one at hand (`desk.need`).
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def seated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            desk = desk_of(request)
            if desk is None:
                return render(request, "403.html", status=403)
            request.desk = desk  # type: ignore[attr-defined]
            how = second_factor.standing(request, merchant_id=desk.company.id)
            if how is not second_factor.Standing.PROVED:
                return second_factor.ask(request, how)
            try:
                if not any(map(desk.may, actions)) or len(actions) == 1:
                    desk.need(actions[0], Company(desk.company.id))
                return view(request, desk, *args, **kwargs)
            except ProveAgain:
                return prove_again(request)

        return doors.declares(*actions)(seated)

    return decorate


def decision_on(who: Principal, action: str, resource: Resource | None) -> authorizer.Decision:
    """The decision on that thing, or on their company as a whole."""
    return authorizer.decide(principal=who, action=action, resource=resource or Company(who.company))


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """First to the sign-in, then back here."""
    return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")


def prove_again(request: HttpRequest) -> HttpResponse:
    """To the second factor, or to the company's own sign-in for people who have theirs there; then back here."""
    if is_mfa_enabled(request.user):
        return second_factor.ask(request, second_factor.Standing.NOT_PROVED)
    return redirect(f"/account/company/?{urlencode({'next': request.get_full_path()})}")


def is_recent(request: HttpRequest) -> bool:
    """Whether any proof of this sign-in is fresh enough for money and rights."""
    spare = 0 if request.method == "POST" else SPARE_S
    newest = max((record["at"] for record in get_authentication_records(request, request.user)), default=0)
    return now().timestamp() - newest < RECENT_S - spare


def sit(request: HttpRequest, merchant_id: UUID) -> None:
    """The person works for that company from now on, if they are a member; `at_desk` checks it each time."""
    request.session[_IN_SESSION] = str(merchant_id)


def desk_of(request: HttpRequest) -> Desk | None:
    """Where the person sits: at the company they chose, or at their first one; None when they work for none."""
    person: Any = request.user
    members = identity.memberships(person.id)
    session_life.note_rights(request, members)
    chosen = request.session.get(_IN_SESSION, "")
    member = next((member for member in members if str(member.merchant_id) == chosen), members[0] if members else None)
    if member is None:
        return None
    return Desk(
        person_id=person.id,
        name=person.name,
        email=person.email or "",
        role=member.role,
        company=merchants.by_id(member.merchant_id),
        is_recent=is_recent(request),
    )
