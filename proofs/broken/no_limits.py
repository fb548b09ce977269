"""A web that counts nobody."""

from typing import Any

from recoup.access import limits


def break_it() -> None:
    """From now on everything is allowed, however often."""
    limits.spend = _allowed


def _allowed(*, bucket: str, **_told: Any) -> limits.Verdict:
    return limits.Verdict(bucket, True, 1, 1, 1, 1)
