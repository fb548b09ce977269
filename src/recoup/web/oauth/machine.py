"""What apps' servers call: tokens, introspection, revocation, letters for devices, and what libraries read about us.

Answers and errors are those of the protocol (RFC 6749, section 5.2), also where the rest of Recoup says no.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from recoup.access import doors
from recoup.identity import actions, app_kinds, company_apps, tokens
from recoup.kernel import clock
from recoup.web.oauth import provider
from recoup.web.oauth.provider import DEVICE, Provider, question
from recoup.web.oauth.rules import Rules, about

_FORM = "application/x-www-form-urlencoded"
View = Callable[[HttpRequest], HttpResponse]


def _by_the_book(view: View) -> View:
    """A form in, JSON out that nobody keeps."""

    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.content_type not in (_FORM, ""):
            return _refused("invalid_request", f"Send {_FORM}")
        wanted = request.POST.getlist("resource")
        if wanted and set(wanted) != {tokens.audience()}:
            return _refused("invalid_target", f"Our tokens are for {tokens.audience()}")
        try:
            response = view(request)
        except OAuth2Error as problem:
            response = JsonResponse(dict(problem.twotuples), status=problem.status_code)
            for name, value in problem.headers.items():
                response[name] = value
        except ValueError:
            return _refused("invalid_request", "The request cannot be read")
        response["Cache-Control"] = "no-store"
        return response

    return csrf_exempt(doors.open_to_all(asked))


def _refused(error: str, words: str) -> HttpResponse:
    return JsonResponse({"error": error, "error_description": words}, status=400)


@require_safe
@doors.open_to_all
def configuration(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """`/.well-known/openid-configuration`, and the same for OAuth alone."""
    return JsonResponse(provider.metadata(), headers={"Cache-Control": "max-age=300"})


@require_safe
@doors.open_to_all
def jwks(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Our public keys."""
    keys = provider.keys_published(at=clock.now())
    return JsonResponse({"keys": keys}, headers={"Cache-Control": f"max-age={provider.JWKS_SECONDS}"})


@require_POST
@_by_the_book
def token(request: HttpRequest) -> HttpResponse:
    """Tokens for a code, a secret, a device or a refresh token."""
    at = clock.now()
    actions.make_signing_key(at=at)
    return provider.answer(Provider(Rules(at=at)).create_token_response(*question(request)))


@require_POST
@_by_the_book
def introspect(request: HttpRequest) -> HttpResponse:
    """Does this token count, and what for? (RFC 7662)"""
    rules = Rules(at=clock.now(), by_secret=True)
    return provider.answer(Provider(rules).create_introspect_response(*question(request)))


@require_POST
@_by_the_book
def revoke(request: HttpRequest) -> HttpResponse:
    """The app wants it no more. (RFC 7009)"""
    return provider.answer(Provider(Rules(at=clock.now())).create_revocation_response(*question(request)))


@require_POST
@_by_the_book
def device(request: HttpRequest) -> HttpResponse:
    """Letters for a screen, and a code to come back with. (RFC 8628)"""
    at = clock.now()
    rules = Rules(at=at)
    headers, told, status = provider.for_devices(rules).create_device_authorization_response(*question(request))
    app = company_apps.registered(request.POST.get("client_id", ""))
    if app is None or DEVICE not in app_kinds.of(app.client).grant_types:
        return _refused("unauthorized_client", "This app is not made for devices")
    actions.ask_by_device(
        app_id=app.id,
        device_code=told["device_code"],
        user_code=told["user_code"],
        scopes=told.pop("scope").split(),
        at=at,
    )
    return provider.answer((headers, told, status))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@doors.open_to_all
def userinfo(request: HttpRequest) -> HttpResponse:
    """Who the person is that the app acts for. (OpenID Connect Core, section 5.3)"""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    read = tokens.read(shown, at=clock.now()) if scheme.lower() == "bearer" else None
    if read is None:
        return _unauthorized("invalid_token", 401)
    if read.grant.person_id is None or "openid" not in read.scopes:
        return _unauthorized("insufficient_scope", 403)
    return JsonResponse(about(read.grant, read.scopes), headers={"Cache-Control": "no-store"})


def _unauthorized(error: str, status: int) -> HttpResponse:
    return JsonResponse(
        {"error": error}, status=status, headers={"WWW-Authenticate": f'Bearer realm="recoup", error="{error}"'}
    )
