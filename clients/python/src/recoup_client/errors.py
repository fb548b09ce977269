"""What can go wrong, as exceptions. Look at the class or at `code`; the words are for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RecoupError(Exception):
    """Whatever this package raises."""


class BadSettings(RecoupError):
    """The client cannot be made like that; nothing was sent."""


class LiveCompany(RecoupError):
    """The key belongs to a company that moves real money, and nobody said `live=True`. Nothing was asked or changed."""


class Unreachable(RecoupError):
    """No answer came, after all retries. `may_have_happened`: the request was sent, so it may have been done.

    Ask again with the same idempotency key: what was done once is not done again.
    """

    def __init__(self, words: str, *, request_id: str, may_have_happened: bool) -> None:
        super().__init__(f"{words} (request {request_id})")
        self.request_id = request_id
        self.may_have_happened = may_have_happened


class NotUnderstood(RecoupError):
    """Something answered that does not speak like Recoup: a proxy in between, or the wrong address."""


class Problem(RecoupError):
    """Recoup answered with a problem document (RFC 9457).

    `code` never changes its meaning; `title` and `detail` are for people; `request_id` is what support asks for;
    `errors` says where the mistakes are; `document` is everything that was told.
    """

    def __init__(
        self, *, status: int, document: Mapping[str, Any], request_id: str, retry_after_s: float | None
    ) -> None:
        self.status = status
        self.document = dict(document)
        self.code = str(document.get("code", ""))
        self.title = str(document.get("title", ""))
        self.detail = str(document.get("detail", ""))
        self.request_id = str(document.get("request_id") or request_id)
        self.retry_after_s = retry_after_s
        told = document.get("errors")
        self.errors: list[Any] = list(told) if isinstance(told, list) else []
        words = self.detail or self.title
        super().__init__(f"{status} {self.code}: {words} (request {self.request_id})")


class InvalidRequest(Problem):
    """The request has a mistake in it (400, 413, 415); `errors` says where."""


class NotAuthenticated(Problem):
    """The key or token opens nothing (401)."""


class AccessDenied(Problem):
    """Recoup knows who asks, and no policy lets them (403)."""

    @property
    def scope(self) -> str:
        """The scope that is missing, when it is one."""
        return str(self.document.get("scope", ""))


class NotFound(Problem):
    """There is no such thing, or it is somebody else's (404)."""


class Conflict(Problem):
    """Things have moved on (409): look at the case, then decide."""


class IdempotencyKeyInUse(Conflict):
    """The first request with that key is still being answered. The client has waited; ask again later."""


class Refused(Problem):
    """Understood, and cannot be (422): more than was paid, sums that differ, ..."""


class IdempotencyKeyReused(Refused):
    """That key was used for a request that said something else."""


class RateLimited(Problem):
    """Too many requests (429); `retry_after_s` says when to come again."""


class ServerProblem(Problem):
    """Recoup could not answer (5xx), after all retries."""


_BY_CODE: dict[str, type[Problem]] = {
    "idempotency_key_in_use": IdempotencyKeyInUse,
    "idempotency_key_reused": IdempotencyKeyReused,
}
_BY_STATUS: dict[int, type[Problem]] = {
    401: NotAuthenticated,
    403: AccessDenied,
    404: NotFound,
    409: Conflict,
    422: Refused,
    429: RateLimited,
}


def problem_of(
    *, status: int, document: Mapping[str, Any], request_id: str, retry_after_s: float | None = None
) -> Problem:
    """The exception for that answer."""
    kind = _BY_CODE.get(str(document.get("code", "")))
    if kind is None:
        kind = _BY_STATUS.get(status, ServerProblem if status >= 500 else InvalidRequest)
    return kind(status=status, document=document, request_id=request_id, retry_after_s=retry_after_s)
