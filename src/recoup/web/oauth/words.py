"""What an app asks for, in words that somebody can say yes or no to."""

from __future__ import annotations

from collections.abc import Iterable

from recoup.access import policies
from recoup.identity import app_kinds, grants

_ABOUT_THE_PERSON = {
    "openid": "Know that it is you",
    "profile": "See your name and your role",
    "email": "See your e-mail address",
    grants.STAYS: "Go on after you have signed out here",
}


def of_scopes(scopes: Iterable[str]) -> list[str]:
    """A line for each thing that the scopes let an app do: first about the person, then their work."""
    asked = set(scopes)
    own = [_ABOUT_THE_PERSON[name] for name in app_kinds.ABOUT_THE_PERSON if name in asked]
    return own + [known.words for known in policies.rules().actions.values() if known.scope in asked and known.scope]


def of_api_scope(scope: str) -> str:
    """What one scope lets an app do, for a manager who ticks it."""
    return f"{', '.join(known.words for known in policies.rules().actions.values() if known.scope == scope)} ({scope})"
