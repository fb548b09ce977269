"""A one-time code goes to the address that it is to prove."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.notifications import queueing


@tenancy.action
def mail_code(
    *, merchant_id: UUID, to: str, code: str, company: str, about: str, minutes: int, at: datetime, locale: str = "en"
) -> None:
    """The mail with the code waits to be sent, and the worker is woken."""
    queueing.queue_code(
        merchant_id=merchant_id,
        to=to,
        code=code,
        company=company,
        about=about,
        minutes=minutes,
        at=at,
        locale=locale,
    )
