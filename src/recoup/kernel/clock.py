"""The one place that asks what time it is. Doors and programs ask here and pass the answer on as an argument."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)
