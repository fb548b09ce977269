"""What a refusal is: an error with a stable code that doors translate into an answer a person can act on."""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """A request that cannot be granted. `code` is stable; `status` is the HTTP status a door answers with.

    `detail` is written for the person who asked. `extra` travels in the problem document (RFC 9457, section 3.2).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "This cannot be done"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class NotFound(Refusal):
    """There is no such thing, or it is somebody else's: the two look the same from outside."""

    code = "not_found"
    status = 404
    title = "Not found"


class Invalid(Refusal):
    """The words of the request are wrong. `extra["errors"]` lists where."""

    code = "invalid_request"
    status = 400
    title = "The request has a mistake in it"
