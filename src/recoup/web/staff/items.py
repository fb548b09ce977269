"""Which items come back, how often and why; and one item with its days, reasons and photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recoup.access import tenancy
from recoup.insights import queries as insights
from recoup.insights.queries import Comeback
from recoup.kernel.clock import now
from recoup.kernel.money import spoken
from recoup.refunds.policy.reasons import Reason
from recoup.web.shopper import reasons
from recoup.web.shopper.companies import as_card
from recoup.web.staff import charts, home, spans
from recoup.web.staff.desk import Desk, at_desk
from recoup.web.staff.spans import Span

SHOWN = 50
SKU_MAX = 200
LEGEND = (("plain", "refunded"), ("hollow", "asked for, not refunded"))
#: A share of so few sold units says nothing.
SOLD_MIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item that came back. `share` of the units that were sold in the same days, in words."""

    sku: str
    title: str
    cases: int
    units: int
    share: str
    refunded: str
    percent: int
    url: str


@require_safe
@at_desk("reports:read")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The items that came back most."""
    span = spans.span_of(request, at=now())
    reason = request.GET.get("reason", "")
    reason = reason if reason in set(Reason) else ""
    found = insights.by_item(
        merchant_id=desk.company.id, since=span.since, until=span.until, reason=reason, limit=SHOWN
    )
    context = {
        **_common(desk, span),
        "reason": reasons.in_words(reason) if reason else "",
        "items": _items(found, desk, span),
        "keeps": [("reason", reason)] if reason else [],
        "reset_url": f"/staff/items?{urlencode({'days': span.code})}",
    }
    return render(request, "staff/items.html", context)


@require_safe
@at_desk("reports:read")
def show(request: HttpRequest, desk: Desk, sku: str) -> HttpResponse:
    """One item: how often, why, and what shoppers showed."""
    if len(sku) > SKU_MAX or "\0" in sku:
        raise Http404
    span = spans.span_of(request, at=now())
    which: dict[str, Any] = {"merchant_id": desk.company.id, "sku": sku, "since": span.since, "until": span.until}
    with tenancy.reading(merchant_id=desk.company.id):
        title = insights.title_of(merchant_id=desk.company.id, sku=sku)
        if title is None:
            raise Http404
        days = insights.by_day(**which, zone=str(timezone.get_current_timezone()))
        why = insights.by_reason(**which)
        sold = insights.sold(merchant_id=desk.company.id, skus=[sku], since=span.since, until=span.until).get(sku, 0)
        photos = insights.photos_of_item(**which) if desk.may("cases:photos") else []
    by_day = {one.key: one for one in days}
    units, paid = sum(one.units for one in why), _paid(why)
    context = {
        **_common(desk, span),
        "sku": sku,
        "title": title,
        "units": units,
        "sold": sold,
        "share": _share(units, sold),
        "refunded": paid,
        "chart": charts.stacked([_column(day, by_day, span) for day in span.days], legend=LEGEND),
        "reasons": home.reason_bars(why, days=span.code, sku=sku),
        "photos": photos,
        "address": home.item_url(sku),
    }
    return render(request, "staff/item.html", context)


def _common(desk: Desk, span: Span) -> dict[str, Any]:
    return {"company": as_card(desk.company), "staff_name": desk.name, "span": span}


def _items(found: Sequence[Comeback], desk: Desk, span: Span) -> tuple[Item, ...]:
    sold = insights.sold(
        merchant_id=desk.company.id, skus=[one.key for one in found], since=span.since, until=span.until
    )
    highest = max((one.units for one in found), default=1)
    return tuple(
        Item(
            sku=one.key,
            title=one.label,
            cases=one.cases,
            units=one.units,
            share=_share(one.units, sold.get(one.key, 0)),
            refunded=_paid([one]),
            percent=max(1, round(100 * one.units / highest)),
            url=home.item_url(one.key, days=span.code),
        )
        for one in found
    )


def _share(units: int, sold: int) -> str:
    """How much of what was sold came back; nothing where that would mislead."""
    return f"{100 * units / sold:.1f} %" if sold >= SOLD_MIN else ""


def _paid(found: Sequence[Comeback]) -> str:
    by_currency: dict[str, int] = {}
    for one in found:
        for currency, minor in one.amounts:
            by_currency[currency] = by_currency.get(currency, 0) + minor
    return ", ".join(spoken(minor, currency) for currency, minor in by_currency.items()) or "\N{EN DASH}"


def _column(day: Any, by_day: dict[str, Comeback], span: Span) -> tuple[str, str, tuple[int, int]]:
    found = by_day.get(f"{day:%Y-%m-%d}")
    granted, units = (found.units_granted, found.units) if found else (0, 0)
    every = max(1, len(span.days) // 8)
    mark = f"{day.day} {day:%b}" if (day - span.since).days % every == 0 else ""
    return f"{day.day} {day:%b %Y}", mark, (granted, units - granted)
