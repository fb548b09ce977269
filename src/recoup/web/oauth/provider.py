"""oauthlib's endpoints put together as we offer them, and nothing besides: what is not here cannot be asked for.

No implicit and no hybrid flow, no password grant, and of PKCE's methods only S256.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauthlib.oauth2 import DeviceApplicationServer
from oauthlib.oauth2.rfc6749.endpoints import (
    AuthorizationEndpoint,
    IntrospectEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types import AuthorizationCodeGrant as Plain
from oauthlib.oauth2.rfc6749.grant_types import ClientCredentialsGrant
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant
from oauthlib.openid.connect.core.grant_types import AuthorizationCodeGrant as OpenId
from oauthlib.openid.connect.core.grant_types import RefreshTokenGrant
from oauthlib.openid.connect.core.grant_types.dispatchers import (
    AuthorizationCodeGrantDispatcher,
    AuthorizationTokenGrantDispatcher,
)

from recoup.identity import actions, app_kinds, grants, signing_keys, tokens
from recoup.web.oauth.rules import Rules

METHODS = {"S256": code_challenge_method_s256}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
JWKS_SECONDS = int(signing_keys.KEPT_BY_OTHERS.total_seconds())


class Provider(AuthorizationEndpoint, TokenEndpoint, IntrospectEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """What apps and browsers speak to, for one request."""

    def __init__(self, rules: Rules) -> None:
        bearer = BearerToken(
            rules, rules.access_token, int(grants.ACCESS_LIVES.total_seconds()), lambda _: new_refresh_token()
        )
        plain, openid = Plain(rules), OpenId(rules)
        plain._code_challenge_methods = openid.proxy_target._code_challenge_methods = METHODS  # noqa: SLF001
        choice = AuthorizationCodeGrantDispatcher(default_grant=plain, oidc_grant=openid)
        AuthorizationEndpoint.__init__(
            self, default_response_type="code", default_token_type=bearer, response_types={"code": choice}
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            default_token_type=bearer,
            grant_types={
                "authorization_code": AuthorizationTokenGrantDispatcher(rules, default_grant=plain, oidc_grant=openid),
                "client_credentials": ClientCredentialsGrant(rules),
                "refresh_token": RefreshTokenGrant(rules),
                DEVICE: DeviceCodeGrant(rules),
            },
        )
        IntrospectEndpoint.__init__(self, rules)
        RevocationEndpoint.__init__(self, rules)


def for_devices(rules: Rules) -> DeviceApplicationServer:
    """What a device asks for its letters."""
    server = DeviceApplicationServer(
        rules,
        verification_uri=f"{settings.PUBLIC_URL}/device",
        verification_uri_complete=lambda letters: f"{settings.PUBLIC_URL}/device?user_code={letters}",
        interval=grants.DEVICE_ASKS_EVERY_S,
        user_code_generator=grants.new_user_code,
    )
    server._expires_in = int(grants.DEVICE_LIVES.total_seconds())  # noqa: SLF001 - it has no argument for it
    return server


def new_refresh_token() -> str:
    """256 random bits."""
    return "rr_" + secrets.token_urlsafe(32)


def question(request: HttpRequest) -> tuple[str, str, str, dict[str, str]]:
    """The request as oauthlib reads it: well-formed, with every parameter as often as it was sent."""
    uri = f"{settings.PUBLIC_URL}{request.path}"
    if request.GET:
        uri += f"?{request.GET.urlencode()}"
    headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
    return uri, request.method or "GET", request.POST.urlencode(), headers


def answer(told: tuple[dict[str, str], Any, int]) -> HttpResponse:
    """What oauthlib answers, as Django's."""
    headers, body, status = told
    if isinstance(body, dict):
        response: HttpResponse = JsonResponse(body, status=status)
    else:
        response = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    return response


def metadata() -> dict[str, Any]:
    """What we can do, for libraries (OpenID Connect Discovery 1.0, RFC 8414)."""
    base = settings.PUBLIC_URL
    kinds = app_kinds.KINDS.values()
    return {
        "issuer": tokens.issuer(),
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "device_authorization_endpoint": f"{base}/oauth/device",
        "introspection_endpoint": f"{base}/oauth/introspect",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "userinfo_endpoint": f"{base}/oauth/userinfo",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "service_documentation": f"{base}/developers",
        "scopes_supported": [*app_kinds.ABOUT_THE_PERSON, *sorted(set().union(*(kind.scopes for kind in kinds)))],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": sorted({one for kind in kinds for one in kind.grant_types}),
        "code_challenge_methods_supported": sorted(METHODS),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(tokens.ALGORITHMS),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "amr", "email",
                             "email_verified", "name", "recoup_role"],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }  # fmt: skip


def keys_published(*, at: datetime) -> list[Any]:
    """Our public keys; the first one is made when somebody asks for it."""
    actions.make_signing_key(at=at)
    return list(signing_keys.published(at=at))
