"""How callers show who they are: the security schemes of the document, and which of them open an operation.

Nothing here is a second list of rights: what apps can be given is asked of `identity.app_kinds`, and what a guest may
do of the authorizer, with the question that the door asks.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

from recoup.access import authorizer, policies
from recoup.access.doors import OPEN
from recoup.access.principals import Kind, Principal
from recoup.access.resources import PAGE, Case, Company, Resource
from recoup.identity import app_kinds

KEY, OAUTH, OPENID, GUEST = "ApiKeyAuth", "OAuth", "OpenIdConnect", "GuestToken"
#: A guest with the link to a case, as they stand at each of its doors.
_COMPANY, _CASE = UUID(int=1), UUID(int=2)
_SOME_GUEST = Principal(
    kind=Kind.GUEST, id=UUID(int=3), merchant_id=_COMPANY, role="guest", email="guest@shop.example", case_id=_CASE
)
_THEIR_CASE = Case(company=_COMPANY, case=_CASE, email="guest@shop.example")


def components() -> dict[str, Any]:
    """Every scheme, with the addresses of this installation. OpenAPI 3.1 has no word for the grant of devices."""
    base = settings.PUBLIC_URL
    of_people = app_kinds.KINDS["web"].scopes
    of_servers = app_kinds.KINDS["server"].scopes
    return {
        KEY: {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer rk_...`: an API key of your company. It may do what its scopes say; "
            "each operation names the one it needs.",
        },
        OAUTH: {
            "type": "oauth2",
            "description": "An access token of one of your apps, which lives ten minutes. With client credentials it "
            "speaks for your company; with an authorization code and PKCE (S256) for the person who said yes, who may "
            f"do no more through it than by themselves. Devices without a keyboard ask at `{base}/oauth/device`.",
            "flows": {
                "clientCredentials": {"tokenUrl": f"{base}/oauth/token", "scopes": _words(of_servers)},
                "authorizationCode": {
                    "authorizationUrl": f"{base}/oauth/authorize",
                    "tokenUrl": f"{base}/oauth/token",
                    "refreshUrl": f"{base}/oauth/token",
                    "scopes": _words(of_people),
                },
            },
        },
        OPENID: {
            "type": "openIdConnect",
            "description": "The same tokens, for libraries that find everything by discovery.",
            "openIdConnectUrl": f"{base}/.well-known/openid-configuration",
        },
        GUEST: {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer gt_...`: a token that opens one refund, for its shopper.",
        },
    }


def of_operation(*, path: str, action: str) -> list[dict[str, list[str]]]:
    """Which of them open the operation: any one is enough. `path` has `{case_id}` where it is about one case."""
    scope = policies.action(action).scope
    asked = [scope] if scope else []
    ways: list[dict[str, list[str]]] = [{KEY: []}, {OAUTH: asked}, {OPENID: list(asked)}]
    thing: Resource = _THEIR_CASE if "{case_id}" in path else PAGE if action == OPEN else Company(_COMPANY)
    if authorizer.decide(principal=_SOME_GUEST, action=action, resource=thing).is_allowed:
        ways.append({GUEST: []})
    return ways


def _words(scopes: frozenset[str]) -> dict[str, str]:
    """Scope -> what it lets a program do."""
    actions = policies.rules().actions.values()
    return {scope: ", ".join(known.words for known in actions if known.scope == scope) for scope in sorted(scopes)}
