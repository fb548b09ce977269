"""What every endpoint of the JSON API needs: who asks, whether they may, and bodies that are read strictly."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer
from pydantic import BaseModel, ConfigDict, model_validator

from recoup.access.principals import Principal, from_api_key
from recoup.kernel import clock
from recoup.kernel.errors import Invalid, Refusal


class NotSignedIn(Refusal):
    """No key, or one that opens nothing."""

    code = "not_authenticated"
    status = 401
    title = "An API key is needed: Authorization: Bearer rk_..."


class NotAllowed(Refusal):
    """The key is good, and not for this."""

    code = "ACCESS_DENIED"
    status = 403
    title = "This key may not do that"


class Strict(BaseModel):
    """A body: unknown fields are refused, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, told: Any) -> Any:
        """PostgreSQL keeps every character but NUL."""
        if _has_nul(told):
            raise ValueError("a text may not contain the character NUL")
        return told


def _has_nul(told: Any) -> bool:
    if isinstance(told, str):
        return "\0" in told
    if isinstance(told, dict):
        return any(_has_nul(name) or _has_nul(value) for name, value in told.items())
    return isinstance(told, list) and any(_has_nul(value) for value in told)


class Asker(HttpRequest):
    """A request that has passed the authorizer."""

    auth: Principal


class ApiKeyAuth(HttpBearer):
    """`Authorization: Bearer rk_...`."""

    openapi_scheme = "bearer"

    def authenticate(self, request: HttpRequest, token: str) -> Principal | None:
        return from_api_key(token, at=clock.now())  # house: allow no-now because this is a door


def principal(request: HttpRequest) -> Principal:
    """Who asks."""
    return cast(Asker, request).auth


def need(request: HttpRequest, scope: str) -> Principal:
    """The principal, when its key has the scope. Raises NotAllowed."""
    who = principal(request)
    if scope not in who.scopes:
        raise NotAllowed(f"This key lacks the scope {scope}", scope=scope)
    return who


def idempotency_key(request: HttpRequest) -> str:
    """The Idempotency-Key header. Raises Invalid when it is missing or not 1 to 255 visible characters."""
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Invalid(
            "The header Idempotency-Key is required: 1 to 255 visible ASCII characters, a new one per request"
        )
    return key


def no_query(request: HttpRequest, *allowed: str) -> None:
    """Nothing happens when only these query parameters were given. Raises Invalid."""
    unknown = set(request.GET) - set(allowed)
    if unknown:
        raise Invalid(f"Unknown query parameter: {', '.join(sorted(unknown))}", errors=sorted(unknown))
    if any("\0" in value for values in request.GET.lists() for value in values[1]):
        raise Invalid("A query parameter may not contain the character NUL")
