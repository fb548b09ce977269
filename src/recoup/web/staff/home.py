"""A company's first page: is the promise kept today, what waits for us, where is the money, what comes back and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recoup.access import tenancy
from recoup.insights import queries as insights
from recoup.insights.queries import Comeback, Hour
from recoup.kernel.clock import now
from recoup.kernel.money import spoken
from recoup.payments.states import PayoutState
from recoup.refunds.states import CaseState
from recoup.web import lasting
from recoup.web.review import words
from recoup.web.shopper import reasons
from recoup.web.shopper.companies import as_card
from recoup.web.staff import charts, spans
from recoup.web.staff.charts import Bar, Chart
from recoup.web.staff.desk import Desk, at_desk

TOP = 5
#: Where a person of the company has to do something, and where somebody else has to.
OURS = (CaseState.IN_REVIEW,)
OTHERS = (CaseState.NEEDS_EVIDENCE, CaseState.AWAITING_RETURN, CaseState.VERIFYING_ORDER)
#: Payments that do not go on by themselves.
STUCK = frozenset({PayoutState.FAILED, PayoutState.REVERSED, PayoutState.AWAITING_MERCHANT_FUNDS})
LEGEND = (
    ("plain", "sent within five minutes"),
    ("striped", "sent later"),
    ("dotted", "granted, not sent yet"),
    ("hollow", "not granted, or not decided yet"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """How the promise of five minutes was kept in one day. `share`: in words, empty while nothing was granted."""

    share: str
    told: str
    median: str
    asked: int
    chart: Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Cases or payments that wait, and where they are."""

    words: str
    count: int
    since: datetime | None
    url: str
    is_ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """Promised money on its way."""

    words: str
    amount: str
    count: int
    since: datetime
    is_stuck: bool


@require_safe
@at_desk("reports:read")
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Today, and what came back in 30 days."""
    at = now()
    today, month = spans.span("1", at=at), spans.span(spans.USUAL, at=at)
    merchant_id = desk.company.id
    with tenancy.reading(merchant_id=merchant_id):
        hours = insights.promise_by_hour(merchant_id=merchant_id, since=today.since, until=today.until, zone=_zone())
        waiting = insights.waiting(merchant_id=merchant_id, states=[*OURS, *OTHERS])
        flights = insights.in_flight(merchant_id=merchant_id)
        by_reason = insights.by_reason(merchant_id=merchant_id, since=month.since, until=month.until, limit=TOP)
        by_item = insights.by_item(merchant_id=merchant_id, since=month.since, until=month.until, limit=TOP)
    context = {
        "company": as_card(desk.company),
        "staff_name": desk.name,
        "promise": promise(hours, since=today.since),
        "queues": _queues(waiting),
        "flights": _flights(flights),
        "reasons": reason_bars(by_reason, days=month.code),
        "items": item_bars(by_item, days=month.code),
    }
    return render(request, "staff/home.html", context)


def promise(hours: Sequence[Hour], *, since: datetime) -> Promise:
    """The day that began at `since`, hour by hour."""
    by_hour = {hour.begins_at.timestamp(): hour for hour in hours}
    columns = []
    for place in range(24):
        begins = since + timedelta(hours=place)
        found = by_hour.get(begins.timestamp())
        pieces = (found.in_time, found.late, found.under_way, found.others) if found else (0, 0, 0, 0)
        columns.append((f"{place:02}:00", f"{place:02}" if place % 3 == 0 else "", pieces))
    granted, in_time = sum(hour.granted for hour in hours), sum(hour.in_time for hour in hours)
    done = [(hour.p50_s, hour.in_time + hour.late) for hour in hours if hour.p50_s is not None]
    return Promise(
        share=f"{100 * in_time // granted} %" if granted else "",
        told=f"{in_time} of {granted} granted refunds were sent within five minutes of being asked for"
        if granted
        else "No refund was granted today yet",
        median=lasting.in_words(_middle(done)),
        asked=sum(hour.granted + hour.others for hour in hours),
        chart=charts.stacked(columns, legend=LEGEND),
    )


def _middle(medians: Sequence[tuple[float, int]]) -> float | None:
    """The middle of the hours' medians, each as often as refunds stand behind it."""
    all_of_them = sorted((value for value, count in medians for _ in range(count)))
    return all_of_them[len(all_of_them) // 2] if all_of_them else None


def _queues(waiting: dict[str, insights.Waiting]) -> tuple[Queue, ...]:
    """What waits for the company is always told, also that nothing does."""
    told = [(state, True) for state in OURS] + [(state, False) for state in OTHERS if state in waiting]
    return tuple(
        Queue(
            words=words.STATES[state][0],
            count=waiting[state].count if state in waiting else 0,
            since=waiting[state].since if state in waiting else None,
            url=f"/review?show={state}",
            is_ours=is_ours,
        )
        for state, is_ours in told
    )


def _flights(found: Sequence[insights.InFlight]) -> tuple[Flight, ...]:
    return tuple(
        Flight(
            words=words.PAYOUTS[one.state],
            amount=spoken(one.amount_minor, one.currency),
            count=one.count,
            since=one.since,
            is_stuck=one.state in STUCK,
        )
        for one in sorted(found, key=lambda one: one.state not in STUCK)
    )


def reason_bars(found: Sequence[Comeback], *, days: str, sku: str = "") -> tuple[Bar, ...]:
    """Why things come back; each row leads to the items that come back for it, unless it is about one item already."""
    return charts.bars(
        [
            (
                one.key,
                reasons.in_words(one.key),
                _note(one),
                one.units,
                "" if sku else f"/staff/items?{urlencode({'days': days, 'reason': one.key})}",
            )
            for one in found
        ]
    )


def item_bars(found: Sequence[Comeback], *, days: str) -> tuple[Bar, ...]:
    """What comes back; each row leads to the item."""
    return charts.bars([(one.key, one.label, _note(one), one.units, item_url(one.key, days=days)) for one in found])


def item_url(sku: str, *, days: str = "") -> str:
    """The address of an item's page."""
    return f"/staff/items/{quote(sku, safe='')}{f'?days={days}' if days else ''}"


def _note(one: Comeback) -> str:
    paid = ", ".join(spoken(minor, currency) for currency, minor in one.amounts)
    units = f"{one.units} unit{'' if one.units == 1 else 's'} in {one.cases} case{'' if one.cases == 1 else 's'}"
    return f"{units}, {paid} refunded" if paid else units


def _zone() -> str:
    return str(timezone.get_current_timezone())
