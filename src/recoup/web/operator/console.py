"""Who sits at the console: an operator, with a second factor. Pages of the platform begin here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recoup.access import doors
from recoup.access.principals import Kind, Principal
from recoup.access.resources import PLATFORM
from recoup.web.account import second_factor
from recoup.web.staff.desk import ProveAgain, is_recent, prove_again, to_sign_in

READ, RUN = "platform:read", "platform:run"
#: Where operators go.
ROOMS = (
    ("/operator", "How it runs"),
    ("/operator/companies", "Companies"),
    ("/operator/cases", "A case's run"),
    ("/operator/parked", "Put aside"),
    ("/operator/audit", "Who did what"),
    ("/staff/access", "Rights"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """An operator at work. `principal` is who the authorizer is told; they work for no company here."""

    name: str
    principal: Principal

    @property
    def actor(self) -> str:
        return self.principal.actor

    @property
    def rooms(self) -> tuple[tuple[str, str], ...]:
        return ROOMS

    def need(self, action: str) -> None:
        """They may. Raises NotAllowed; or ProveAgain, when only a fresh proof is missing."""
        doors.allow(replace(self.principal, is_recent=True), action, PLATFORM)
        try:
            doors.allow(self.principal, action, PLATFORM)
        except doors.NotAllowed:
            raise ProveAgain from None


def at_console(action: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """The view gets the console as its second argument, for operators who may do `action` on the platform."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def seated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person: Any = request.user
            if not person.is_authenticated:
                return to_sign_in(request)
            if not person.is_operator:
                return render(request, "403.html", status=403)
            how = second_factor.standing(request)
            if how is not second_factor.Standing.PROVED:
                return second_factor.ask(request, how)
            console = Console(name=person.name, principal=_principal(request))
            request.console = console  # type: ignore[attr-defined]
            try:
                console.need(action)
                return view(request, console, *args, **kwargs)
            except ProveAgain:
                return prove_again(request)

        return doors.declares(action)(seated)

    return decorate


def _principal(request: HttpRequest) -> Principal:
    person: Any = request.user
    return Principal(
        kind=Kind.PERSON,
        id=person.id,
        role="operator",
        email=person.email or "",
        has_second_factor=True,
        is_recent=is_recent(request),
    )
