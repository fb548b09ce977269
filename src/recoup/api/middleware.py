"""Under /api/ every error is a problem document, also those that no endpoint gives: no such address, wrong method."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from recoup.api import problems
from recoup.kernel.errors import Invalid, NotFound, Refusal

Handler = Callable[[HttpRequest], HttpResponse]


class MethodNotAllowed(Refusal):
    """The address exists, and this cannot be done with it. The header Allow says what can."""

    code = "method_not_allowed"
    status = 405
    title = "This address does not take that method"


class EveryErrorIsAProblem:
    """Rewrites what Django itself answers to machines."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code < 400 or not request.path_info.startswith("/api/"):
            return response
        if response.headers.get("Content-Type", "").startswith("application/problem+json"):
            return response
        refusal = _REFUSALS.get(response.status_code)
        if refusal is None:
            return response
        problem = problems.answer(refusal())
        if "Allow" in response.headers:
            problem["Allow"] = response["Allow"]
        return problem


_REFUSALS: dict[int, type[Refusal]] = {
    400: Invalid,
    404: NotFound,
    405: MethodNotAllowed,
    413: problems.TooLarge,
}
