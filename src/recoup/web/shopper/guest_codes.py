"""The one-time code of a guest: made, and on its way to the address or the number that it is to prove."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from recoup.identity import actions as identity
from recoup.merchants.queries import Company
from recoup.notifications import actions as notifications
from recoup.web import languages
from recoup.web.account import codes
from recoup.web.account.contacts import Contact

MINUTES = int(identity.CODE_LIVES.total_seconds() // 60)


def send(request: HttpRequest, contact: Contact, *, company: Company, subject: str, about: str, at: datetime) -> None:
    """A code for `subject` (an order's or a case's number) goes there. Raises TooManyCodes; RateLimited for texts."""
    spend(request, contact, at=at)
    write(contact, company=company, subject=subject, about=about, at=at)


def spend(request: HttpRequest, contact: Contact, *, at: datetime) -> None:
    """A text costs money: it is counted before it is known whether one is sent. Raises RateLimited."""
    if contact.phone:
        codes.spend(request, contact, at)


def write(contact: Contact, *, company: Company, subject: str, about: str, at: datetime) -> None:
    """The code waits to be sent, in the page's language. Raises TooManyCodes."""
    _, digits = identity.issue_code(merchant_id=company.id, order_number=subject, contact=contact.account, at=at)
    if contact.phone:
        host = urlsplit(settings.PUBLIC_URL).hostname or ""
        facts = {"code": digits, "host": host}
        notifications.write_text(kind=notifications.Text.CODE, to=contact.phone, facts=facts, at=at)
        return
    notifications.mail_code(
        merchant_id=company.id,
        to=contact.email,
        code=digits,
        company=company.name,
        about=about,
        minutes=MINUTES,
        at=at,
        locale=languages.now_spoken(),
    )
