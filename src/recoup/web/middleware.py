"""Sessions, signed-in people and form tokens are for pages; machines at the API have neither and pay for none."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware

from recoup.kernel.errors import Refusal
from recoup.web import errors, page_doors
from recoup.web.languages import SpeaksTheirLanguage
from recoup.web.routes import OAUTH_PATHS, PAGE_BODY, REPORT_PATH
from recoup.web.session_life import SessionLife

Handler = Callable[[HttpRequest], HttpResponse]
MACHINE_PATHS = ("/api/", "/webhooks/", "/healthz", "/static/", REPORT_PATH, *OAUTH_PATHS)


class PagesOnly:
    """Runs the page middleware for pages and nothing for machines."""

    def __init__(self, get_response: Handler) -> None:
        self._plain = get_response
        chain: Handler = _PageDoor(get_response)
        for middleware in (
            SessionLife,
            MessageMiddleware,
            AuthenticationMiddleware,
            CsrfViewMiddleware,
            SessionMiddleware,
            _SmallOnTheWire,
            SpeaksTheirLanguage,
        ):
            chain = cast(Handler, middleware(chain))
        self._pages = chain
        self._csrf = CsrfViewMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_machine = request.path_info.startswith(MACHINE_PATHS)
        return self._plain(request) if is_machine else self._pages(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: list[object], kwargs: dict[str, object]
    ) -> HttpResponse | None:
        """A page says what it asks for, and its form needs its token. The API has a key for each request instead."""
        if request.path_info.startswith(MACHINE_PATHS):
            return None
        shut = page_doors.refusal(request, view)
        if shut is not None:
            return shut
        return self._csrf.process_view(request, view, tuple(args), kwargs)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal becomes a page that says what was refused and what to do next; anything else is Django's."""
        if isinstance(exception, Refusal) and not request.path_info.startswith(MACHINE_PATHS):
            return errors.refused(request, exception)
        return None


class _SmallOnTheWire(GZipMiddleware):
    """Pages are compressed; photos and files are already. Form tokens are masked anew for each answer and the length is
    blurred (Django's doing), so what is secret on a page cannot be guessed from how well it compresses.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class _PageDoor:
    """Pages say in words when they refuse. Their headers are those of every answer (web/headers.py)."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = errors.too_large(request) if _is_too_large(request) else self._get_response(request)
        if response.status_code == 405 and not response.content:
            response = errors.wrong_method(request, response)
        return response


def _is_too_large(request: HttpRequest) -> bool:
    announced = request.headers.get("Content-Length", "")
    return announced.isdecimal() and int(announced) > PAGE_BODY.bytes_max
