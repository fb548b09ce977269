"""How long something took, in words."""

from __future__ import annotations

from django.utils.translation import gettext


def in_words(seconds: float | None) -> str:
    """How long something took, as people say it; empty when it has not happened."""
    if seconds is None:
        return ""
    if seconds < 1.5:
        return gettext("a second")
    if seconds < 100:
        return gettext("{count} seconds").format(count=round(seconds))
    if seconds < 5400:
        return gettext("{count} minutes").format(count=round(seconds / 60))
    if seconds < 48 * 3600:
        return gettext("{count} hours").format(count=round(seconds / 3600))
    return gettext("{count} days").format(count=round(seconds / 86400))
