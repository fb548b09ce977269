"""Which days a report is about, as its address says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

DAYS = {"1": "Today", "7": "7 days", "30": "30 days", "90": "90 days", "365": "A year"}
USUAL = "30"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole days of the platform's time zone up to this moment. `code`: as addresses name it."""

    code: str
    since: datetime
    until: datetime
    words: str
    choices: tuple[tuple[str, str, bool], ...]

    @property
    def days(self) -> list[datetime]:
        """The beginning of each day, the oldest first."""
        return [self.since + timedelta(days=day) for day in range(int(self.code))]


def span_of(request: HttpRequest, *, at: datetime) -> Span:
    """The span that was chosen; whatever is no span is the usual one."""
    return span(request.GET.get("days", USUAL), at=at)


def span(code: str, *, at: datetime) -> Span:
    """So many days, today being the last of them."""
    chosen = code if code in DAYS else USUAL
    today = at.astimezone(timezone.get_current_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(
        code=chosen,
        since=today - timedelta(days=int(chosen) - 1),
        until=today + timedelta(days=1),
        words="today" if chosen == "1" else f"in {DAYS[chosen].lower()}" if chosen == "365" else f"in {DAYS[chosen]}",
        choices=tuple((days, words, days == chosen) for days, words in DAYS.items()),
    )
