"""`/oauth/authorize`: an app sends somebody here, who says whether it may act for them, and is sent back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from recoup.access import doors
from recoup.access.routes_of_others import OWN
from recoup.identity import company_apps, tokens
from recoup.kernel import clock
from recoup.web import headers
from recoup.web.oauth import provider, standing, words
from recoup.web.oauth.provider import Provider
from recoup.web.oauth.rules import Rules
from recoup.web.staff import desk

#: `prompt=login`: a proof that is younger than this was given for this question.
JUST_NOW_S = 60


@doors.declares(OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """The question, or the way back to the app with the answer."""
    at = clock.now()
    person_id = request.user.pk if request.user.is_authenticated else None
    try:
        scopes, told = Provider(Rules(at=at, person_id=person_id)).validate_authorization_request(*_question(request))
        _must_be_for_us(request)
    except FatalClientError as problem:
        return _not_an_app(request, problem.description)
    except OAuth2Error as problem:
        # oauthlib names the address once it has found it among the app's own, and not before.
        is_known = bool(problem.redirect_uri)
        return _back(problem.in_uri(problem.redirect_uri)) if is_known else _not_an_app(request, problem.description)
    except ValueError:
        return _not_an_app(request, "The address that brought you here is damaged.")
    app = company_apps.registered(told["client_id"])
    if app is None:
        return _not_an_app(request, "The app was disconnected.")
    here = standing.of(request, merchant_id=app.merchant_id)
    if isinstance(here, HttpResponse):
        return here
    if _is_too_old(request, here.auth_time, at):
        return desk.prove_again(request)
    if request.method == "POST":
        return _answered(request, here, scopes=scopes, told=told, at=at)
    headers.allow_form_to(request, told["redirect_uri"])
    context = {
        "app": app,
        "here": here,
        "lines": words.of_scopes(scopes),
        "goes_to": urlsplit(told["redirect_uri"]).netloc,
    }
    return render(request, "oauth/consent.html", context)


def _answered(
    request: HttpRequest, here: standing.AtThePage, *, scopes: list[str], told: dict[str, Any], at: datetime
) -> HttpResponse:
    if request.POST.get("answer") != "yes":
        params = [("error", "access_denied"), *([("state", told["state"])] if told["state"] else [])]
        return _back(add_params_to_uri(told["redirect_uri"], params))
    facts = standing.facts(request, here, scopes=scopes, at=at)
    rules = Rules(at=at, person_id=here.person.pk, facts=facts)
    answered, _, _ = Provider(rules).create_authorization_response(*_question(request), scopes=scopes)
    return _back(answered["Location"])


def _question(request: HttpRequest) -> tuple[str, str, str, dict[str, str]]:
    """What the app asked stands in the address; the form that answers it adds nothing to it."""
    uri, _, _, told = provider.question(request)
    return uri, "GET", "", told


def _must_be_for_us(request: HttpRequest) -> None:
    wanted = request.GET.getlist("resource")
    if wanted and set(wanted) != {tokens.audience()}:
        raise ValueError("tokens for somebody else")


def _is_too_old(request: HttpRequest, auth_time: int, at: datetime) -> bool:
    """The app may ask that the person has proved themselves lately."""
    age = at.timestamp() - auth_time
    if "login" in request.GET.get("prompt", "").split():
        return age > JUST_NOW_S
    told = request.GET.get("max_age", "")
    return told.isdecimal() and age > max(int(told[:9]), JUST_NOW_S)


def _back(address: str) -> HttpResponse:
    """To the app, which hears who is speaking (RFC 9207)."""
    return HttpResponse(status=303, headers={"Location": add_params_to_uri(address, [("iss", tokens.issuer())])})


def _not_an_app(request: HttpRequest, problem: str) -> HttpResponse:
    return render(request, "oauth/no_app.html", {"problem": problem}, status=400)
