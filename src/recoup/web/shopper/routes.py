"""Where money goes and how fast that really is, by means of payment (DOMAIN 1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from recoup.kernel.money import spoken
from recoup.payments import queries as payments
from recoup.web.shopper.view_models import Route

#: The range of business days until a refund is seen; means that are not here arrive within minutes.
_DAYS = {"card": (5, 10), "wallet": (5, 10), "bank_transfer": (1, 3)}
_AT_ONCE = frozenset({"paynow", "gift_card", "store_credit"})
_SLOWEST = (5, 10)
_ICONS = {"card": "card", "wallet": "card", "gift_card": "gift", "store_credit": "gift"}


def icon_of(method: str) -> str:
    """The drawing for a means of payment."""
    return _ICONS.get(method, "sent")


def route(
    *, method: str, label: str, amount_minor: int, currency: str, standing: str = "", reference: str = ""
) -> Route:
    """One destination with its share."""
    return Route(
        name=label,
        speed=f"Arrives {payments.speed(method)} after it is sent",
        amount=spoken(amount_minor, currency),
        icon=icon_of(method),
        standing=standing,
        reference=reference,
    )


def expected(methods: list[str], *, sent_at: datetime | None) -> str:
    """`between 27 Nov and 4 Dec` for the slowest of the destinations; a plain duration while nothing is sent."""
    ranges = [_DAYS.get(method, _SLOWEST) for method in methods if method not in _AT_ONCE]
    if not ranges:
        return "within minutes" if methods else ""
    first, last = max(ranges, key=lambda days: days[1])
    if sent_at is None:
        return f"{first} to {last} business days after it is sent"
    day = timezone.localtime(sent_at).date()
    return f"between {_day(business_days_after(day, first))} and {_day(business_days_after(day, last))}"


def business_days_after(day: date, count: int) -> date:
    """The day that is so many working days later, Saturdays and Sundays left out."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
