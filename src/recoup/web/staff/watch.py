"""Where those sit who answer for a company, and the operators of the platform, who belong to none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from recoup.access import doors
from recoup.access.principals import Kind, Principal
from recoup.access.resources import PLATFORM
from recoup.merchants.queries import Company
from recoup.web.account import second_factor
from recoup.web.staff.desk import Desk, at_desk, desk_of, is_recent

ACTION = "access:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Somebody who may read who may what. `company` is None for an operator."""

    name: str
    company: Company | None


def on_watch(view: Callable[[HttpRequest, Watch], HttpResponse]) -> Callable[..., HttpResponse]:
    """The view is for those who may read the company's rights, and for operators who may read the platform's."""

    @at_desk(ACTION)
    def as_staff(request: HttpRequest, desk: Desk) -> HttpResponse:
        return view(request, Watch(name=desk.name, company=desk.company))

    @wraps(view)
    def seated(request: HttpRequest) -> HttpResponse:
        person: Any = request.user
        if not person.is_authenticated or not person.is_operator or desk_of(request) is not None:
            return as_staff(request)
        how = second_factor.standing(request)
        if how is not second_factor.Standing.PROVED:
            return second_factor.ask(request, how)
        doors.allow(_operator(request), ACTION, PLATFORM)
        return view(request, Watch(name=person.name, company=None))

    return doors.declares(ACTION)(seated)


def _operator(request: HttpRequest) -> Principal:
    person: Any = request.user
    return Principal(
        kind=Kind.PERSON,
        id=person.id,
        role="operator",
        email=person.email or "",
        has_second_factor=True,
        is_recent=is_recent(request),
    )
