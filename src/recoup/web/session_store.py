"""Sessions in the database, whose row ends when the session does: whoever looks one up finds none that is too old."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends import db

from recoup.kernel import clock

#: The second since 1970 in which somebody signed in.
BEGAN = "began"
LASTS_S = 12 * 3600


class SessionStore(db.SessionStore):
    """Used or not, a sign-in ends twelve hours after it began."""

    def get_expiry_age(self, **named: Any) -> int:
        age: int = super().get_expiry_age(**named)
        left = self.get(BEGAN, float("inf")) + LASTS_S - clock.now().timestamp()
        return int(max(0, min(age, left)))

    def get_expiry_date(self, **named: Any) -> datetime:
        date: datetime = super().get_expiry_date(**named)
        began = self.get(BEGAN)
        return date if began is None else min(date, datetime.fromtimestamp(began + LASTS_S, tz=UTC))
