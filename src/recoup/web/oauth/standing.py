"""Who stands at a page where an app asks to act for them: they work for the app's company, with a second factor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recoup.identity import grants
from recoup.identity import queries as identity
from recoup.kernel.ids import uuid7
from recoup.merchants import queries as merchants
from recoup.web.account import second_factor
from recoup.web.account.second_factor import Standing
from recoup.web.staff import desk


@dataclass(frozen=True, slots=True, kw_only=True)
class AtThePage:
    """`company` and `role` are those that the app would act in."""

    person: Any
    company: merchants.Company
    role: str
    auth_time: int


def of(request: HttpRequest, *, merchant_id: UUID) -> AtThePage | HttpResponse:
    """Who they are; or the page they have to go to first, or that tells them that the app is not for them."""
    if not request.user.is_authenticated:
        return desk.to_sign_in(request)
    person: Any = request.user
    company = merchants.by_id(merchant_id)
    role = next((one.role for one in identity.memberships(person.id) if one.merchant_id == merchant_id), None)
    if role is None:
        return render(request, "oauth/not_yours.html", {"company": company}, status=403)
    how = second_factor.standing(request, merchant_id=merchant_id)
    if how is not Standing.PROVED:
        return second_factor.ask(request, how)
    newest = max((int(record["at"]) for record in get_authentication_records(request, person)), default=0)
    return AtThePage(person=person, company=company, role=role, auth_time=newest)


def facts(request: HttpRequest, here: AtThePage, *, scopes: list[str], at: datetime) -> dict[str, Any]:
    """What is kept with a grant, so that it ends when one of it is true no more (`grants.Grant.stands`)."""
    session = None
    if grants.STAYS not in scopes:
        found = UserSession.objects.filter(session_key=request.session.session_key, user_id=here.person.pk).first()
        session = found.pk if found is not None else 0
    return {
        "role": here.role,
        "stamp": grants.stamp_of(here.person.password),
        "session": session,
        "auth_time": here.auth_time,
        "began": int(at.timestamp()),
        "family": str(uuid7()),
    }
