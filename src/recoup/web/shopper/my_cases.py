"""The list of a shopper who is signed in: their refunds with every shop, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from recoup.kernel.money import spoken
from recoup.merchants import queries as merchants
from recoup.refunds import queries as cases
from recoup.refunds.queries import OwnCase
from recoup.refunds.states import UNDECIDED, CaseState
from recoup.web.shopper import passes, standing
from recoup.web.shopper.view_models import Tone

PAGE = 20
_YOURS = (CaseState.NEEDS_EVIDENCE, CaseState.AWAITING_RETURN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One refund. `amount` is what comes back, or what was asked for while nobody has decided."""

    number: str
    company: str
    order_number: str
    heading: str
    tone: Tone
    amount: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """A page of the list. `addresses` are those that it was found by; `earlier` leads to the next page."""

    addresses: tuple[str, ...]
    rows: tuple[Row, ...]
    is_first: bool
    earlier: str = ""


def mine(request: HttpRequest) -> Mine | None:
    """The page that is asked for; None for somebody who is not signed in."""
    if not request.user.is_authenticated:
        return None
    addresses = tuple(who.email for who in passes.shopper(request) if "@" in who.email)
    before = _place(request.GET.get("before", ""))
    found = cases.cases_of(addresses, before=before, limit=PAGE + 1)
    earlier = f"/cases?before={found[PAGE - 1].id}" if len(found) > PAGE else ""
    return Mine(addresses=addresses, rows=_rows(found[:PAGE]), is_first=before is None, earlier=earlier)


def _place(said: str) -> UUID | None:
    """Where the page before ended; whatever is no such place is the beginning."""
    try:
        return UUID(said)
    except ValueError:
        return None


def _rows(found: Sequence[OwnCase]) -> tuple[Row, ...]:
    names = merchants.names_of({case.merchant_id for case in found})
    return tuple(_row(case, names.get(case.merchant_id, "")) for case in found)


def _row(case: OwnCase, company: str) -> Row:
    facts = standing.Facts(
        state=case.state,
        company=company,
        explanation="",
        requested_at=case.requested_at,
        decided_at=case.decided_at,
        initiated_at=case.initiated_at,
        credited_at=case.credited_at,
        expected="",
        has_failed=False,  # the case's own page says it, with what happens next
        is_granted=case.state in standing.GRANTED or case.amount_minor > 0,
    )
    amount = case.amount_requested_minor if case.state in UNDECIDED else case.amount_minor
    return Row(
        number=case.number,
        company=company,
        order_number=case.order_number,
        heading=standing.headline(facts)[0],
        tone=_tone(facts),
        amount=spoken(amount, case.currency) if case.currency and amount else "",
        asked_at=case.requested_at,
    )


def _tone(facts: standing.Facts) -> Tone:
    if facts.state in _YOURS:
        return "yours"
    if facts.credited_at is not None or facts.initiated_at is not None:
        return "good"
    return "waiting" if facts.state in UNDECIDED or facts.is_granted else "plain"
