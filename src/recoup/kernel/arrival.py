"""How long money takes to arrive, by the means of payment it goes back to (DOMAIN 1): working days after it was sent.

The one table of it: pages, messages and the API all say what stands here. Card refunds appear after 5 to 10 business
days (Stripe's and the card schemes' own words); PayNow and FAST are near instant, gift cards and store credit at once.
A wallet is a card underneath. What is not known is told as slow as a card, never faster than it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

AT_ONCE: tuple[int, int] = (0, 0)
SLOWEST: tuple[int, int] = (5, 10)
DAYS: dict[str, tuple[int, int]] = {
    "card": SLOWEST,
    "wallet": SLOWEST,
    "paypal": SLOWEST,
    "bank_transfer": (1, 3),
    "paynow": AT_ONCE,
    "fast": AT_ONCE,
    "gift_card": AT_ONCE,
    "store_credit": AT_ONCE,
}


def days_of(method: str) -> tuple[int, int]:
    """The first and the last working day after sending on which the money may arrive; (0, 0) is at once."""
    return DAYS.get(method.lower(), SLOWEST)


def speed(method: str) -> str:
    """`5 to 10 business days` or `within minutes`: how long it takes once it is sent."""
    first, last = days_of(method)
    return f"{first} to {last} business days" if last else "within minutes"


def expected(methods: Iterable[str], *, sent_on: date | None) -> str:
    """`between 27 Nov and 4 Dec` for the slowest of the destinations; a plain duration while nothing is sent."""
    ranges = [days_of(method) for method in methods]
    if not ranges:
        return ""
    first, last = max(ranges, key=lambda days: days[1])
    if last == 0:
        return "within minutes"
    if sent_on is None:
        return f"{first} to {last} business days after it is sent"
    days = [spoken_day(business_days_after(sent_on, count)) for count in (first, last)]
    return f"between {days[0]} and {days[1]}"


def business_days_after(day: date, count: int) -> date:
    """The day that is so many working days later, Saturdays and Sundays left out."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def spoken_day(day: date) -> str:
    """`4 Dec`."""
    return f"{day.day} {day:%b}"
