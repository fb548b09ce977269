"""A web whose sessions keep their number whoever signs in with them, and never end."""

from typing import Any


def break_it() -> None:
    """From now on both."""
    from django.contrib.sessions.backends.base import SessionBase

    from recoup.web import session_life

    SessionBase.cycle_key = _nothing  # type: ignore[method-assign]
    session_life.has_ended = _never


def _nothing(_session: Any) -> None:
    return None


def _never(*_told: Any, **_named: Any) -> bool:
    return False
