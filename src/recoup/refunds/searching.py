"""Finding cases of a company by what people remember of them, page by page, and writing them all out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from recoup.access import tenancy
from recoup.orders import queries as orders
from recoup.refunds.models import Case
from recoup.refunds.views import CaseView, view_of

AT_ONCE = 1000
#: Where a page ends: the last case's time and id.
Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for. `words`: a case number, an order number or an e-mail address, as a whole; empty: any."""

    since: datetime
    until: datetime
    state: str = ""
    reason: str = ""
    words: str = ""


@tenancy.query
def search_cases(*, merchant_id: UUID, wanted: Wanted, limit: int, after: Place | None = None) -> list[CaseView]:
    """The cases that fit, newest first, beginning behind `after`."""
    found = _fitting(merchant_id, wanted)
    if after is not None:
        found = found.filter(Q(requested_at__lt=after[0]) | Q(requested_at=after[0], id__lt=after[1]))
    return [view_of(case) for case in found.order_by("-requested_at", "-id")[:limit]]


@tenancy.query
def count_cases(*, merchant_id: UUID, wanted: Wanted) -> int:
    """How many cases fit."""
    return _fitting(merchant_id, wanted).count()


def every_case(*, merchant_id: UUID, wanted: Wanted) -> Iterator[CaseView]:
    """All cases that fit, newest first, read a thousand at a time: a long list keeps no transaction open."""
    after: Place | None = None
    while page := search_cases(merchant_id=merchant_id, wanted=wanted, limit=AT_ONCE, after=after):
        yield from page
        after = (page[-1].requested_at, page[-1].id)


def _fitting(merchant_id: UUID, wanted: Wanted) -> QuerySet[Case]:
    found = Case.objects.filter(merchant_id=merchant_id, requested_at__gte=wanted.since, requested_at__lt=wanted.until)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.reason:
        found = found.filter(reason=wanted.reason)
    return found.filter(_said(merchant_id, wanted.words)) if wanted.words else found


def _said(merchant_id: UUID, words: str) -> Q:
    """One of the three numbers and names that people have at hand. An order is found by its own number."""
    order_id = orders.numbers_known(merchant_id=merchant_id, numbers=[words]).get(words)
    unknown_order = Q(order_id__isnull=True, order_number=words)
    by_order = Q(order_id=order_id) if order_id else unknown_order
    return Q(number=words.upper()) | Q(email=words.lower()) | by_order
