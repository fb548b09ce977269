"""What every answer says to browsers: the one table of headers, by kind of address (docs/decisions/0031).

A page that needs an inline script or style of its own asks for `request.csp_nonce`, and its policy allows that one:
nothing inline without it, anywhere. A page whose form leads to another site says so with `allow_form_to`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from recoup.web.routes import REPORT_PATH, Kind

HSTS = "max-age=31536000; includeSubDomains"
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
#: Of what a browser can do, pages use the camera (to scan a label) and passkeys.
_UNUSED = (
    "accelerometer=(), autoplay=(), browsing-topics=(), display-capture=(), encrypted-media=(), fullscreen=(), "
    "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()"
)
PERMISSIONS = f"{_UNUSED}, camera=(self), publickey-credentials-create=(self), publickey-credentials-get=(self)"

ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "X-Frame-Options": "DENY",
}
_MACHINES: Mapping[str, str] = {"Cache-Control": "no-store", "Content-Security-Policy": NOTHING}
BY_KIND: Mapping[Kind, Mapping[str, str]] = {
    Kind.API: {**_MACHINES, "Vary": "Origin"},
    Kind.WEBHOOK: _MACHINES,
    Kind.REPORT: _MACHINES,
    Kind.HEALTH: _MACHINES,
    # How long a file may be kept is said where it is served.
    Kind.STATIC: {"Content-Security-Policy": NOTHING},
    Kind.PAGE: {"Cache-Control": "no-store"},
    Kind.OAUTH: _MACHINES,
    # Pages of ours stand on another port, which is the same site and another origin.
    Kind.STREAM: {**_MACHINES, "Vary": "Origin", "Cross-Origin-Resource-Policy": "same-site"},
}


@cache
def of_kind(kind: Kind) -> Mapping[str, str]:
    """Everything that does not depend on the single answer."""
    told = {**ALWAYS, **BY_KIND[kind]}
    if settings.PUBLIC_URL.startswith("https://"):
        told["Strict-Transport-Security"] = HSTS
    if kind is Kind.PAGE:
        told["Reporting-Endpoints"] = f'policy="{settings.PUBLIC_URL}{REPORT_PATH}"'
    return told


#: What a view may have said differently: how long it is kept, and that pages of other sites may show it.
_A_VIEW_MAY_SAY = frozenset({"Cache-Control", "Cross-Origin-Resource-Policy"})


def dress(request: HttpRequest, response: HttpResponse, kind: Kind) -> None:
    """The answer has every header of its kind. What a view has said about caching and other sites stays."""
    headers = response.headers
    for name, value in of_kind(kind).items():
        if name == "Vary":
            _vary(response, value)
        elif name not in _A_VIEW_MAY_SAY or name not in headers:
            headers[name] = value
    if kind is Kind.STATIC and response.status_code >= 400:
        headers["Cache-Control"] = "no-store"
    # A file that somebody sent us is shown under a stricter policy than a page of ours.
    if kind is Kind.PAGE and "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = policy_of(request)


def _vary(response: HttpResponse, name: str) -> None:
    said = response.headers.get("Vary", "")
    if name.lower() not in said.lower():
        response.headers["Vary"] = f"{said}, {name}" if said else name


class Nonce:
    """The number of one answer, made when a template first asks for it."""

    def __init__(self) -> None:
        self.made = ""

    def __str__(self) -> str:
        self.made = self.made or secrets.token_urlsafe(16)
        return self.made


def allow_form_to(request: HttpRequest, address: str) -> None:
    """A form of this page may lead (also by redirections) to that site, as the consent to an app does."""
    parts = urlsplit(address)
    assert parts.scheme in ("https", "http") and parts.netloc, "an address of a site"  # noqa: S101, PT018
    known = getattr(request, "csp_form_targets", ())
    request.csp_form_targets = (*known, f"{parts.scheme}://{parts.netloc}")  # type: ignore[attr-defined]


def policy_of(request: HttpRequest) -> str:
    """The content security policy of this page."""
    nonce: Nonce | None = getattr(request, "csp_nonce", None)
    ours = f" 'nonce-{nonce.made}'" if nonce is not None and nonce.made else ""
    targets = "".join(f" {target}" for target in getattr(request, "csp_form_targets", ()))
    live = f" {settings.LIVE_URL}" if settings.LIVE_URL else ""
    return (
        f"default-src 'self'; script-src 'self'{ours}; style-src 'self'{ours}; connect-src 'self'{live}; "
        "img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; worker-src 'self'; frame-src 'none'; "
        f"frame-ancestors 'none'; base-uri 'none'; form-action 'self'{targets}; object-src 'none'; "
        f"report-uri {REPORT_PATH}; report-to policy"
    )
