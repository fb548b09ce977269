"""The first thing every request passes and the last thing every answer passes (docs/decisions/0030 and 0031).

In: the request gets its id and the client's real address; a wrong host, a body that no address of its kind takes, and
whoever has had enough are refused before anything is done. Out: the headers of its kind, the id, what is left of the
limits, and for the JSON API whether a page of another site may read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from recoup.access import limits, origins
from recoup.access.limits_at_doors import own_origin, spent_by
from recoup.kernel import clock, json_shape, problem
from recoup.kernel.errors import Invalid, Refusal
from recoup.kernel.ids import uuid7
from recoup.web import headers, proxies, routes
from recoup.web.routes import REFUSED, BodyTooLarge, Kind

Handler = Callable[[HttpRequest], HttpResponse]
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,127}")
_NOT_ASKED = frozenset({Kind.STATIC, Kind.HEALTH})
#: What a page of an allowed site may do, and read of the answer.
_CORS_ASKED = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, X-Request-Id",
    "Access-Control-Max-Age": "600",
}
_CORS_READ = "RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Idempotent-Replayed"


class WrongMediaType(Refusal):
    """A body that is not JSON, or that is packed."""

    code = "unsupported_media_type"
    status = 415
    title = "Send JSON as it is: Content-Type: application/json, without Content-Encoding"


class WrongHost(Refusal):
    """The header Host names somebody else."""

    code = "wrong_host"
    status = 400
    title = "There is no such host here"


class FrontDoor:
    """Outermost of all middleware."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind = routes.kind_of(request.path_info)
        request_id = request_id_of(request)
        request.request_id = request_id  # type: ignore[attr-defined]
        request.csp_nonce = headers.Nonce()  # type: ignore[attr-defined]
        tokens = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self._answer(request, kind)
        finally:
            structlog.contextvars.reset_contextvars(**tokens)
        headers.dress(request, response, kind)
        response.headers["X-Request-Id"] = request_id
        tell_limits(request, response)
        return response

    def _answer(self, request: HttpRequest, kind: Kind) -> HttpResponse:
        proxies.look_behind(request.META)
        try:
            if kind is not Kind.HEALTH:
                _must_name_us(request)
            if kind not in _NOT_ASKED:
                _count(request, kind)
            if REFUSED in request.META:
                raise request.META[REFUSED]
            if kind is Kind.API:
                if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
                    return _may_ask(request)
                _must_have_a_plain_body(request)
        except Refusal as refusal:
            return _refused(request, refusal, kind)
        response = self._get_response(request)
        if kind is Kind.API and "HTTP_ORIGIN" in request.META:
            _let_read(request, response)
        return response


def request_id_of(request: HttpRequest) -> str:
    """The sender's own, when it is 8 to 128 letters, digits and `._:-`; else a new one."""
    told = request.META.get("HTTP_X_REQUEST_ID", "")
    return told if told and _SANE_ID.fullmatch(told) else str(uuid7())


def tell_limits(request: HttpRequest, response: HttpResponse) -> None:
    """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), and when to come again."""
    spent: list[limits.Verdict] | None = getattr(request, "limits_spent", None)
    if not spent:
        return
    response.headers["RateLimit-Policy"] = ", ".join(
        f'"{verdict.bucket}";q={verdict.quota};w={verdict.window_s}' for verdict in spent
    )
    scarcest = min(spent, key=lambda verdict: verdict.remaining / verdict.quota)
    response.headers["RateLimit"] = f'"{scarcest.bucket}";r={scarcest.remaining};t={scarcest.reset_s}'
    if response.status_code == 429:
        response.headers["Retry-After"] = str(max(1, *(verdict.retry_after_s for verdict in spent)))


def _must_name_us(request: HttpRequest) -> None:
    try:
        request.get_host()
    except DisallowedHost:
        raise WrongHost from None


def _count(request: HttpRequest, kind: Kind) -> None:
    network = request.client_network = limits.network_of(request.META.get("REMOTE_ADDR", ""))  # type: ignore[attr-defined]
    at = clock.now()
    for bucket, subject in _buckets(request, kind, network):
        verdict = limits.spend(bucket=bucket, subject=subject, at=at)
        if not verdict.is_allowed:
            spent_by(request).append(verdict)
            verdict.or_refuse()


def _buckets(request: HttpRequest, kind: Kind, network: str) -> list[tuple[str, str]]:
    match kind:
        case Kind.API:
            return [("api.address", network)]
        case Kind.WEBHOOK:
            # With the address: strangers cannot use up what the provider's events need.
            return [("webhooks", f"{network} {request.path_info}")]
        case Kind.OAUTH:
            return [("oauth.address", network)]
        case Kind.REPORT:
            return [("reports.address", network), ("reports", "")]
    asked = [("pages.address", network)]
    if request.method == "POST":
        asked.append(("pages.writes", network))
        if request.META.get("CONTENT_TYPE", "").startswith("multipart/"):
            asked.append(("uploads", network))
    return asked


def _must_have_a_plain_body(request: HttpRequest) -> None:
    """JSON as it is, not too large, not too deep, without ten thousand names. Raises Refusal."""
    meta, allowed = request.META, routes.body_of(Kind.API, request.path_info)
    if meta.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise WrongMediaType
    length = meta.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > allowed.bytes_max:
        raise BodyTooLarge(f"At most {allowed.bytes_max // routes.KIB} KiB here")
    if length == "0":
        return
    said = meta.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if said and said != "application/json" and not said.endswith("+json"):
        raise WrongMediaType
    try:
        body = request.body
    except RequestDataTooBig:
        raise BodyTooLarge from None
    if json_shape.is_too_deep(body, levels_max=allowed.levels_max):
        raise Invalid(f"The body is nested deeper than {allowed.levels_max} levels")
    if json_shape.has_more_names_than(body, allowed.names_max):
        raise Invalid(f"The body has more than {allowed.names_max} names")


def _may_ask(request: HttpRequest) -> HttpResponse:
    """The answer to a browser that asks before it calls for a page of another site. Raises OriginNotAllowed."""
    origin = request.META.get("HTTP_ORIGIN", "")
    if not origins.is_known(origin, at=clock.now()):
        raise origins.OriginNotAllowed
    response = HttpResponse(status=204, headers=_CORS_ASKED)
    response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _let_read(request: HttpRequest, response: HttpResponse) -> None:
    """A page of a site that the key's company has named may read the answer; before there is a key, of any company."""
    origin, who = request.META["HTTP_ORIGIN"], getattr(request, "limits_asker", None)
    if origin == own_origin() or "HTTP_AUTHORIZATION" not in request.META:
        return
    at = clock.now()
    merchant_id = getattr(who, "merchant_id", None)
    is_friend = (
        origins.is_known(origin, at=at)
        if merchant_id is None
        else origins.is_allowed(origin, merchant_id=merchant_id, at=at)
    )
    if is_friend:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _CORS_READ


def _refused(request: HttpRequest, refusal: Refusal, kind: Kind) -> HttpResponse:
    """Machines hear a problem document; a person reads the same in words."""
    if kind is Kind.PAGE:
        from recoup.web import errors

        return errors.refused_at_the_door(refusal)
    body = problem.document(refusal, request_id=request.request_id)  # type: ignore[attr-defined]
    return HttpResponse(body, status=refusal.status, content_type=problem.CONTENT_TYPE)
