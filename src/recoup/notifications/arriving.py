"""How long money takes to arrive, in the reader's language; the days are those of kernel/arrival.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import formats, translation
from django.utils.translation import gettext

from recoup.kernel import arrival

#: `4 Dec`, `12月4日`.
_SHORT_DAYS = {"zh-hans": "n月j日"}


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
    days = [short_day(arrival.business_days_after(sent_on, count)) for count in (first, last)]
    return gettext("between {first} and {last}").format(first=days[0], last=days[1])


def is_at_once(methods: Iterable[str]) -> bool:
    """Whether all of the money is there within minutes of being sent."""
    return all(arrival.days_of(method) == arrival.AT_ONCE for method in methods)


def short_day(when: date) -> str:
    """`4 Dec` or `12月4日`, in the language of the page or the message that is being made."""
    return str(formats.date_format(when, _SHORT_DAYS.get(translation.get_language() or "", "j M")))
