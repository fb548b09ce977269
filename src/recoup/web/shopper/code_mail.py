"""The one-time code: made, and on its way to the address that it is to prove."""

from __future__ import annotations

from datetime import datetime

from recoup.identity import actions as identity
from recoup.merchants.queries import Company
from recoup.notifications import actions as notifications

MINUTES = int(identity.CODE_LIVES.total_seconds() // 60)


def send(*, company: Company, subject: str, email: str, about: str, at: datetime) -> None:
    """A code for `subject` (an order's or a case's number) is mailed to the address. Raises TooManyCodes."""
    _, digits = identity.issue_code(merchant_id=company.id, order_number=subject, email=email, at=at)
    notifications.mail_code(
        merchant_id=company.id, to=email, code=digits, company=company.name, about=about, minutes=MINUTES, at=at
    )
