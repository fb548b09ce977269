"""The languages of the shopper's pages: which one a visitor reads, and how dates are written in it (decision 0052).

A page is in one language from its first line to its last: what nobody has translated yet stays English as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import formats, timezone, translation
from django.utils.cache import patch_vary_headers

from recoup.kernel.tongues import ENGLISH, NAMES, TAGS

Handler = Callable[[HttpRequest], HttpResponse]
#: The pages whose every word is in the catalogues.
_TRANSLATED = re.compile(r"/(?:ask/.*|at/[^/.]+|cases(?:/.*)?|language)?")
_YEAR_S = 365 * 24 * 3600
#: A moment, a day, and a day of this year; English is written by `moment` itself.
_MOMENTS = {"zh-hans": "Y年n月j日 H:i", "ms": "j M Y, H:i", "ta": "j M Y, H:i"}
_DAYS = {ENGLISH: "j F Y", "zh-hans": "Y年n月j日", "ms": "j F Y", "ta": "j F Y"}


class SpeaksTheirLanguage:
    """Renders a page in the visitor's language and says in the answer which one it is."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_translated(request.path_info):
            with translation.override(ENGLISH):
                return self._get_response(request)
        language = wanted(request)
        with translation.override(language):
            response = self._get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers["Content-Language"] = TAGS[language]
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def is_translated(path: str) -> bool:
    """Whether all of the page at this address is in the catalogues."""
    return _TRANSLATED.fullmatch(path) is not None


def wanted(request: HttpRequest) -> str:
    """What the visitor chose; else what their browser prefers; else English."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in NAMES else translation.get_language_from_request(request)


def now_spoken() -> str:
    """The language of the page that is being made."""
    language = translation.get_language()
    return language if language in NAMES else ENGLISH


def remember(response: HttpResponse, language: str) -> None:
    """The browser keeps the choice for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_YEAR_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def moment(at: datetime) -> str:
    """`22 Nov 2026, 8:46 pm` or `2026年11月22日 20:46`, in the platform's time zone."""
    here = at.astimezone(timezone.get_current_timezone())
    language = now_spoken()
    if language == ENGLISH:
        return f"{here.day} {here:%b %Y}, {here.hour % 12 or 12}:{here:%M} {'pm' if here.hour >= 12 else 'am'}"
    return str(formats.date_format(here, _MOMENTS[language]))


def day(when: date | datetime) -> str:
    """`22 November 2026` or `2026年11月22日`."""
    here = when.astimezone(timezone.get_current_timezone()) if isinstance(when, datetime) else when
    return str(formats.date_format(here, _DAYS[now_spoken()]))
