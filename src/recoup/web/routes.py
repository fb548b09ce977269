"""What kinds of addresses the web program has, and what each kind may send: the one table of it.

The door before the threads (config/programs/web_gate.py) and the middleware both look here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from recoup.kernel.errors import Refusal
from recoup.web.forms import PHOTO_BYTES_MAX, PHOTOS_MAX

KIB, MIB = 1024, 1024 * 1024
#: Where a WSGI environment names a refusal that was found before there was a request (config/programs/web_gate.py).
REFUSED = "recoup.refused"


class BodyTooLarge(Refusal):
    """More than any request to that address needs to say."""

    code = "body_too_large"
    status = 413
    title = "The request body is too large"


class Kind(StrEnum):
    """Kinds of addresses."""

    API = "api"
    WEBHOOK = "webhook"
    STATIC = "static"
    HEALTH = "health"
    REPORT = "report"
    PAGE = "page"
    #: What apps' servers call for tokens, and what libraries read about us; forms in, JSON out.
    OAUTH = "oauth"
    #: The live program's: on a port of its own, for our pages only.
    STREAM = "stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """How large a body may be, how many seconds its sender has, and how its JSON may be built."""

    bytes_max: int
    seconds_max: float = 15.0
    levels_max: int = 32
    names_max: int = 10_000


API_BODY = Body(bytes_max=MIB)
#: A thousand orders.
BULK_BODY = Body(bytes_max=20 * MIB, seconds_max=120.0, names_max=1_000_000)
#: All photos of a form, its words, and what a browser writes around them, over a telephone's line.
PAGE_BODY = Body(bytes_max=PHOTOS_MAX * PHOTO_BYTES_MAX + 2 * MIB, seconds_max=300.0)
WEBHOOK_BODY = Body(bytes_max=256 * KIB)
REPORT_BODY = Body(bytes_max=64 * KIB)
OAUTH_BODY = Body(bytes_max=32 * KIB)
NO_BODY = Body(bytes_max=0)

#: Photos in a body are a third longer than they are.
EVIDENCE_BODY = Body(bytes_max=20 * MIB, seconds_max=300.0)

BULK_PATH = "/api/v1/orders/bulk"
_EVIDENCE_PATH = re.compile(r"/api/v1/refunds/[^/]{1,64}/evidence")
REPORT_PATH = "/browser-reports"
OAUTH_PATHS = (
    "/oauth/token",
    "/oauth/introspect",
    "/oauth/revoke",
    "/oauth/device",
    "/oauth/userinfo",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/jwks.json",
)

_BODIES = {
    Kind.API: API_BODY,
    Kind.WEBHOOK: WEBHOOK_BODY,
    Kind.STATIC: NO_BODY,
    Kind.HEALTH: NO_BODY,
    Kind.REPORT: REPORT_BODY,
    Kind.PAGE: PAGE_BODY,
    Kind.STREAM: NO_BODY,
    Kind.OAUTH: OAUTH_BODY,
}


def kind_of(path: str) -> Kind:
    """What kind of address it is; whatever is nothing else is a page."""
    if path.startswith("/api/"):
        return Kind.API
    if path.startswith("/webhooks/"):
        return Kind.WEBHOOK
    if path.startswith("/static/"):
        return Kind.STATIC
    if path == "/healthz":
        return Kind.HEALTH
    if path in OAUTH_PATHS:
        return Kind.OAUTH
    return Kind.REPORT if path == REPORT_PATH else Kind.PAGE


def body_of(kind: Kind, path: str) -> Body:
    """What a request to that address may send."""
    if path == BULK_PATH:
        return BULK_BODY
    return EVIDENCE_BODY if _EVIDENCE_PATH.fullmatch(path) else _BODIES[kind]
