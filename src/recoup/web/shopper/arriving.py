"""How long money takes to arrive, in the page's language; the days are those of kernel/arrival.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext

from recoup.kernel import arrival
from recoup.web import languages


def speed(method: str) -> str:
    """`5 to 10 business days` or `within minutes`: how long it takes once it is sent."""
    first, last = arrival.days_of(method)
    if not last:
        return gettext("within minutes")
    return gettext("{first} to {last} business days").format(first=first, last=last)


def expected(methods: Iterable[str], *, sent_on: date | None) -> str:
    """`between 27 Nov and 4 Dec` for the slowest of the destinations; a plain duration while nothing is sent."""
    ranges = [arrival.days_of(method) for method in methods]
    if not ranges:
        return ""
    first, last = max(ranges, key=lambda days: days[1])
    if last == 0:
        return gettext("within minutes")
    if sent_on is None:
        return gettext("{first} to {last} business days after it is sent").format(first=first, last=last)
    days = [languages.short_day(arrival.business_days_after(sent_on, count)) for count in (first, last)]
    return gettext("between {first} and {last}").format(first=days[0], last=days[1])
