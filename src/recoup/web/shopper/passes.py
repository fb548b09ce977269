"""The guest passes that this browser holds: which addresses were proved with a code, company by company."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from recoup.access import authorizer
from recoup.access.principals import Principal
from recoup.access.resources import Order, Resource
from recoup.identity import queries as identity
from recoup.identity.queries import Guest
from recoup.web.shopper.drafts import Draft

PASSES_MAX = 5
CASES_MAX = 8
_PASSES, _CASES = "passes", "cases"


def add(request: HttpRequest, token: str) -> None:
    """The pass is kept; the oldest give way."""
    request.session[_PASSES] = [token, *request.session.get(_PASSES, [])][:PASSES_MAX]


def remember_case(request: HttpRequest, *, merchant_id: UUID, number: str) -> None:
    """The case is listed on this device. Seeing it still needs a pass."""
    known = [pair for pair in request.session.get(_CASES, []) if pair[0] != number]
    request.session[_CASES] = [[number, str(merchant_id)], *known][:CASES_MAX]


def known_cases(request: HttpRequest) -> list[str]:
    """The numbers of the cases opened on this device, newest first."""
    return [number for number, _ in request.session.get(_CASES, [])]


def guests(request: HttpRequest, *, at: datetime) -> list[Guest]:
    """Everybody this browser has proved to be."""
    found = (identity.guest_of(str(token), at=at) for token in request.session.get(_PASSES, []))
    return [guest for guest in found if guest is not None]


def who_may(request: HttpRequest, action: str, thing: Resource, *, at: datetime) -> Principal | None:
    """Whoever of those that this browser has proved to be may do it; None when nobody does."""
    for guest in guests(request, at=at):
        if authorizer.decide(principal=guest.principal, action=action, resource=thing).is_allowed:
            return guest.principal
    return None


def may_ask(request: HttpRequest, draft: Draft, *, merchant_id: UUID, at: datetime) -> bool:
    """Whether the draft's order may be asked about: its address was proved here, and the proof has not ended."""
    thing = Order(company=merchant_id, number=draft.order_number, email=draft.email)
    return draft.is_proved and who_may(request, "cases:file", thing, at=at) is not None
