"""Whom this browser has proved to be: guests, by the passes it holds (a contact with one company, proved by a code),
and the shopper who is signed in, by every address and the number that are proved on their account.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from recoup.access import authorizer
from recoup.access.principals import Kind, Principal
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


def shopper(request: HttpRequest) -> list[Principal]:
    """Who is signed in, as the shopper they are: once for each contact that they have proved. Staff are asked as
    shoppers too: what they bought is theirs, and their work opens no case here.
    """
    if not request.user.is_authenticated:
        return []
    person_id = request.user.pk
    return [
        Principal(kind=Kind.PERSON, id=person_id, role="shopper", email=contact)
        for contact in identity.proved_contacts(person_id)
    ]


def who_may(request: HttpRequest, action: str, thing: Resource, *, at: datetime) -> Principal | None:
    """Whoever of those that this browser has proved to be may do it; None when nobody does."""
    for who in _everybody(request, at=at):
        if authorizer.decide(principal=who, action=action, resource=thing).is_allowed:
            return who
    return None


def contacts(request: HttpRequest, *, at: datetime) -> set[str]:
    """Everything that was proved here: e-mail addresses, and numbers in E.164."""
    return {who.email for who in _everybody(request, at=at)}


def actor(who: Principal) -> str:
    """How events name whoever did it: an account by its person, a guest as one of many."""
    return who.actor if who.kind is Kind.PERSON else "guest:page"


def _everybody(request: HttpRequest, *, at: datetime) -> Iterator[Principal]:
    """The account is asked first: a case it may open is its person's, however the browser came to it."""
    yield from shopper(request)
    yield from (guest.principal for guest in guests(request, at=at))


def who_may_ask(request: HttpRequest, draft: Draft, *, merchant_id: UUID, at: datetime) -> Principal | None:
    """Who may ask about the draft's order: its contact was proved here, and the proof has not ended; None: nobody."""
    thing = Order(company=merchant_id, number=draft.order_number, email=draft.contact)
    return who_may(request, "cases:file", thing, at=at) if draft.is_proved else None
