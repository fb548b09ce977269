"""A web that hears of a guest's token once, and believes it from then on."""

from __future__ import annotations

from datetime import datetime

from recoup.access import principals
from recoup.access.principals import Principal
from recoup.identity import queries


def break_it() -> None:
    """From now on a token that opened something once opens it for ever."""
    known: dict[str, Principal | None] = {}

    def reader(token: str, /, *, at: datetime) -> Principal | None:
        known[token] = known.get(token) or queries.guest_by_token(token, at=at)
        return known[token]

    principals._guest_reader = lambda: reader  # noqa: SLF001 - broken on purpose
