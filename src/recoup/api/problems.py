"""Refusals as problem documents (RFC 9457): `type`, `title`, `status`, `detail`, a stable `code`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from recoup.access.doors import NotSignedIn
from recoup.kernel import problem
from recoup.kernel.errors import Invalid, NotFound, Refusal

log = structlog.get_logger(__name__)
#: Of a body with ten thousand mistakes, whoever mends it reads the first ones.
MISTAKES_MAX = 50


class TooLarge(Refusal):
    """The body is larger than any request needs to be."""

    code = "body_too_large"
    status = 413
    title = "The request body is too large"


def answer(refusal: Refusal) -> HttpResponse:
    """The refusal as `application/problem+json`."""
    body = problem.document(refusal, request_id=request_id())
    response = HttpResponse(body, status=refusal.status, content_type=problem.CONTENT_TYPE)
    if refusal.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="recoup"'
    if refusal.status in (429, 503):
        response["Retry-After"] = str(getattr(refusal, "retry_after_s", 5))
    return response


def request_id() -> str:
    """The id of the request that this thread answers, as every line of its log has it."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class TryAgain(Refusal):
    """The database is not there at this moment; nothing was done that was not said."""

    code = "try_again"
    status = 503
    title = "Recoup is restarting; send the same request with the same key again in a few seconds"


def install(api: NinjaAPI) -> None:
    """Every way in which an endpoint can refuse is answered as a problem document."""
    handlers: list[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]] = [
        (Refusal, lambda _request, refusal: answer(refusal)),
        (AuthenticationError, lambda _request, _error: answer(NotSignedIn())),
        (ValidationError, _invalid),
        (Http404, lambda _request, _error: answer(NotFound())),
        (HttpError, _http),
        (RequestDataTooBig, lambda _request, _error: answer(TooLarge())),
        (OperationalError, _database),
        (Exception, _unforeseen),
    ]
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    mistakes = error.errors[:MISTAKES_MAX]
    errors = [
        {"where": ".".join(str(part) for part in mistake["loc"][1:]), "what": mistake["msg"]} for mistake in mistakes
    ]
    where = "; ".join(
        f"{mistake['where']}: {mistake['what']}" if mistake["where"] else mistake["what"] for mistake in errors
    )
    return answer(Invalid(where, errors=errors))


def _http(_request: HttpRequest, error: Exception) -> HttpResponse:
    status = getattr(error, "status_code", 400)
    refusal = NotFound() if status == 404 else Invalid(str(error))
    return answer(refusal)


def _database(_request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("database_unavailable", kind=type(error).__name__)
    return answer(TryAgain())


def _unforeseen(_request: HttpRequest, error: Exception) -> HttpResponse:
    """Our mistake: told in the log with a reference, never with what the person typed."""
    reference = request_id() or str(uuid4())
    state = getattr(error, "sqlstate", None) if isinstance(error, DatabaseError) else None
    log.error("unforeseen", reference=reference, kind=type(error).__name__, sqlstate=state, exc_info=error)
    body = {
        "type": "about:blank",
        "title": "Something broke on our side",
        "status": 500,
        "code": "internal",
        "reference": reference,
        "request_id": reference,
    }
    return HttpResponse(orjson.dumps(body), status=500, content_type="application/problem+json")
