"""When a delivery that failed is tried again, and when an endpoint is given up. Arithmetic: no clock, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: After the first failure, after the second, ... Altogether 75 and a half hours.
WAITS_S: tuple[int, ...] = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
#: Each wait is longer by up to this part of it, so that receivers that were down are not all asked at once.
JITTER = 0.2
#: A receiver may ask for patience (Retry-After), but not for longer than this.
RETRY_AFTER_S_MAX = 86_400
#: An endpoint that took nothing for so long is switched off.
GIVE_UP_AFTER = timedelta(days=5)


def wait_s(*, tries: int, chance: float, retry_after_s: int | None = None) -> float | None:
    """Seconds until the next try, after `tries` that failed; None when it was the last. `chance` is from 0 to 1."""
    if tries > len(WAITS_S):
        return None
    usual = WAITS_S[tries - 1] * (1 + JITTER * chance)
    return max(usual, min(retry_after_s or 0, RETRY_AFTER_S_MAX))


def is_hopeless(*, failing_since: datetime | None, at: datetime) -> bool:
    """Whether an endpoint has failed for too long."""
    return failing_since is not None and at - failing_since >= GIVE_UP_AFTER


def retry_after_s(header: str, *, at: datetime) -> int | None:
    """The seconds that a Retry-After asks for, as a number or as a date (RFC 9110, 10.2.3); None for nonsense."""
    told = header.strip()
    if told.isascii() and told.isdigit():
        return min(int(told[:9]), RETRY_AFTER_S_MAX)
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, min(int((moment - at).total_seconds()), RETRY_AFTER_S_MAX))
