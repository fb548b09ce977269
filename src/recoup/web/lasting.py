"""How long something took, in words."""

from __future__ import annotations


def in_words(seconds: float | None) -> str:
    """How long something took, as people say it; empty when it has not happened."""
    if seconds is None:
        return ""
    if seconds < 1.5:
        return "a second"
    if seconds < 100:
        return f"{round(seconds)} seconds"
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    if seconds < 48 * 3600:
        return f"{round(seconds / 3600)} hours"
    return f"{round(seconds / 86400)} days"
