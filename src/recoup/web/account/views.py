"""The page of an account."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recoup.access import doors
from recoup.access.routes_of_others import OWN
from recoup.identity import queries as identity
from recoup.web.account import own_phone
from recoup.web.account.second_factor import Standing, standing


@doors.declares(OWN)
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What a signed-in person can do from here: their work, and how they sign in."""
    person: Any = request.user
    context = {
        "person": person,
        "memberships": identity.memberships(person.id),
        "is_staff": bool(identity.memberships(person.id)) or person.is_operator,
        "has_second_factor": is_mfa_enabled(person),
        "must_prove": standing(request) is not Standing.PROVED,
    }
    return render(request, "account/mine.html", context)


@doors.declares(OWN)
@login_required
@never_cache
def set_password(request: HttpRequest) -> HttpResponse:
    """A first password is another way into the account: after a fresh proof, whoever left a browser open."""
    person: Any = request.user
    first = None if person.has_usable_password() else own_phone.prove_first(request, back_to=request.path)
    answer: HttpResponse = first or allauth_views.password_set(request)
    return answer
