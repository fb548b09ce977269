"""What every door needs: who asks, whether they may, and bodies that are read strictly.

A door declares what it asks for, where a test and the front door can see it: `auth=doors.asks("orders:write")` at an
endpoint, `@doors.declares("cases:read")` or `@at_desk("cases:read")` at a page, `@doors.open_to_all` where nothing is
needed. What declares nothing stays shut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar, cast

from django.http import HttpRequest
from ninja.security import HttpBearer
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from recoup.access import authorizer, limits_at_doors, policies
from recoup.access.principals import Kind, Principal, of_bearer
from recoup.access.resources import NOTHING_ELSE, PAGE, Case, Circumstances, Company, Resource
from recoup.kernel import clock
from recoup.kernel.errors import Invalid, NotFound, Refusal


class NotSignedIn(Refusal):
    """No key, or one that opens nothing."""

    code = "not_authenticated"
    status = 401
    title = "An API key is needed: Authorization: Bearer rk_..."


class NotAllowed(Refusal):
    """We know who asks, and no policy lets them."""

    code = "ACCESS_DENIED"
    status = 403
    title = "You may not do that here"


View = TypeVar("View", bound=Callable[..., Any])
_ASKS_FOR = "asks_for"
OPEN = "pages:open"


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


_DATE_AND_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", re.ASCII)


def _written_out(told: Any) -> Any:
    """A number would be taken for seconds since 1970, or thousandths of them, by its size."""
    if isinstance(told, datetime) or (isinstance(told, str) and _DATE_AND_TIME.match(told.strip())):
        return told
    raise ValueError("a time is written as 2026-11-20T09:30:00+08:00")


#: A time in a body.
Moment = Annotated[
    AwareDatetime, BeforeValidator(_written_out), Field(strict=False, description="ISO 8601 with its offset from UTC")
]


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
    """`Authorization: Bearer rk_...`, and before anything is read: may whoever holds that key do `action`?"""

    openapi_scheme = "bearer"

    def __init__(self, action: str = "") -> None:
        super().__init__()
        self.action = action
        self.is_fresh = bool(action) and policies.action(action).is_fresh

    def authenticate(self, request: HttpRequest, token: str) -> Principal | None:
        at = clock.now()  # house: allow no-now because this is a door
        who = of_bearer(token, at=at, is_fresh=self.is_fresh)
        if who is None:
            limits_at_doors.refused(request, at=at)
            return None
        limits_at_doors.enter(request, who, at=at)
        if not self.action:
            raise NotAllowed("This address declares no action, so nobody may use it")
        return allow(who, self.action, thing_of(who, getattr(request.resolver_match, "kwargs", {})))


def thing_of(who: Principal, named: Mapping[str, Any]) -> Resource | None:
    """What a guest asks for, by the `case_id` in the address; None for everybody else, who ask for their company.

    Raises NotFound for a case that is not the guest's, there or not.
    """
    if who.kind is not Kind.GUEST or "case_id" not in named:
        return None
    if who.case_id is None or str(named["case_id"]).lower() != str(who.case_id):
        raise NotFound("There is no such refund")
    return Case(company=who.company, case=who.case_id, email=who.email)


def asks(action: str) -> ApiKeyAuth:
    """The endpoint is for those who may do `action` at their company; decided before its body is read."""
    return ApiKeyAuth(action)


def declares(*actions: str) -> Callable[[View], View]:
    """The page asks for these actions itself, once it knows for what. Raises UnknownAction."""
    for action in actions:
        policies.action(action)

    def mark(view: View) -> View:
        setattr(view, _ASKS_FOR, actions)
        return view

    return mark


def open_to_all(view: View) -> View:
    """The page shows nobody's things: it is for everybody."""
    return declares(OPEN)(view)


def declared(view: Callable[..., Any]) -> tuple[str, ...]:
    """What a page's view declares; empty when it forgot."""
    return tuple(getattr(view, _ASKS_FOR, ()))


def principal(request: HttpRequest) -> Principal:
    """Who asks."""
    return cast(Asker, request).auth


def need(
    request: HttpRequest,
    action: str,
    resource: Resource | None = None,
    circumstances: Circumstances = NOTHING_ELSE,
) -> Principal:
    """The principal, when they may do that with `resource`, or with their company as a whole. Raises NotAllowed."""
    return allow(principal(request), action, resource, circumstances)


def allow(
    who: Principal, action: str, resource: Resource | None = None, circumstances: Circumstances = NOTHING_ELSE
) -> Principal:
    """`who`, when they may. Raises NotAllowed with the policies that decided, why, and what would have to change."""
    thing = resource if resource is not None else PAGE if action == OPEN else Company(who.company)
    decision = authorizer.decide(principal=who, action=action, resource=thing, circumstances=circumstances)
    if decision.is_allowed:
        return who
    told = f"{decision.reason[:1].upper()}{decision.reason[1:]}. {decision.instead}".strip()
    scope = policies.action(action).scope
    raise NotAllowed(told, action=action, policies=list(decision.policies), **({"scope": scope} if scope else {}))


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
