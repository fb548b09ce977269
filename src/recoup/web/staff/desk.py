"""Who sits at the desk: a signed-in person and the company they work for. Pages for staff begin here.

Nobody sits down with a password alone: the second factor has been given in this very sign-in, or is asked for now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from recoup.access.principals import Kind, Principal
from recoup.identity import queries as identity
from recoup.merchants import queries as merchants
from recoup.web.account import second_factor

_IN_SESSION = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A member of a company's staff at work."""

    person_id: UUID
    name: str
    email: str
    role: str
    company: merchants.Company

    @property
    def actor(self) -> str:
        return self.principal.actor

    @property
    def principal(self) -> Principal:
        """Who the authorizer is told: they have shown a second factor, else they would not sit here."""
        return Principal(
            kind=Kind.PERSON,
            id=self.person_id,
            merchant_id=self.company.id,
            role=self.role,
            email=self.email,
            has_second_factor=True,
        )


def at_desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view gets the desk as its second argument. Strangers sign in first; people without a company are told so."""

    @wraps(view)
    def seated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
        desk = _desk(request)
        if desk is None:
            return render(request, "403.html", status=403)
        how = second_factor.standing(request, merchant_id=desk.company.id)
        if how is not second_factor.Standing.PROVED:
            return second_factor.ask(request, how)
        return view(request, desk, *args, **kwargs)

    return seated


def sit(request: HttpRequest, merchant_id: UUID) -> None:
    """The person works for that company from now on, if they are a member; `at_desk` checks it each time."""
    request.session[_IN_SESSION] = str(merchant_id)


def _desk(request: HttpRequest) -> Desk | None:
    person: Any = request.user
    members = identity.memberships(person.id)
    chosen = request.session.get(_IN_SESSION, "")
    member = next((member for member in members if str(member.merchant_id) == chosen), members[0] if members else None)
    if member is None:
        return None
    return Desk(
        person_id=person.id,
        name=person.name,
        email=person.email,
        role=member.role,
        company=merchants.by_id(member.merchant_id),
    )
