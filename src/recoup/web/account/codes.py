"""One-time codes of the sign-in: sent to an address or a number, and asked for in the browser that wanted it.

Sending looks nothing up, so it cannot tell whether there is an account: not by words, not by time. What is kept of the
code is a keyed hash, in the browser's session; tries are counted in PostgreSQL, one by one, however many come at once.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest

from recoup.access import limits
from recoup.access.limits import RateLimited
from recoup.access.limits_at_doors import address_of
from recoup.identity import actions as identity
from recoup.notifications import actions as notifications
from recoup.web.account import tries
from recoup.web.account.contacts import Contact

MINUTES = int(identity.CODE_LIVES.total_seconds() // 60)
ENOUGH = "Too many codes were asked for. Use the newest one, sign in another way, or wait an hour"

WRONG = "That code does not work. Look at the newest one we sent, or ask for a new code."


def send(request: HttpRequest, contact: Contact, *, purpose: str, at: datetime, after: str = "") -> None:
    """A new code is on its way, and the only one that works here for this purpose. `after`: where to go then.

    Raises RateLimited; then nothing is sent, and an older code stays good.
    """
    spend(request, contact, at)
    code, name = identity.new_code(), secrets.token_urlsafe(12)
    request.session[_slot(purpose)] = {
        "email": contact.email,
        "phone": contact.phone,
        "country": contact.country,
        "name": name,
        "hash": identity.hash_code(code, salt=name).hex(),
        "at": at.timestamp(),
        "after": after,
    }
    if contact.phone:
        host = urlsplit(settings.PUBLIC_URL).hostname or ""
        facts = {"code": code, "host": host}
        notifications.write_text(kind=notifications.Text.CODE, to=contact.phone, facts=facts, at=at)
    else:
        get_adapter().send_mail("account/email/login_code", contact.email, {"request": request, "code": code})


def asked(request: HttpRequest, *, purpose: str, at: datetime) -> tuple[Contact, str] | None:
    """To whom this browser had a code sent that may still be good, and where to go after; None for nobody."""
    kept = request.session.get(_slot(purpose))
    if not kept or at.timestamp() - kept["at"] > identity.CODE_LIVES.total_seconds():
        return None
    return Contact(email=kept["email"], phone=kept["phone"], country=kept["country"]), kept["after"]


def is_right(request: HttpRequest, typed: str, *, purpose: str, at: datetime) -> bool:
    """Whether it is the code; a right one is used up. Raises RateLimited when it was tried too often."""
    kept: dict[str, Any] | None = request.session.get(_slot(purpose))
    if not kept or asked(request, purpose=purpose, at=at) is None:
        return False
    limits.spend(bucket="codes.tries", subject=kept["name"], at=at).or_refuse(
        "That was tried too often. Ask for a new code"
    )
    if not hmac.compare_digest(kept["hash"], identity.hash_code(typed, salt=kept["name"]).hex()):
        return False
    forget(request, purpose=purpose)
    return True


def forget(request: HttpRequest, *, purpose: str) -> None:
    """No code is asked for any more."""
    request.session.pop(_slot(purpose), None)


def _slot(purpose: str) -> str:
    return f"code:{purpose}"


def spend(request: HttpRequest, contact: Contact, at: datetime) -> None:
    """One more code for this contact, counted. Raises RateLimited, and then nothing is counted: whoever was there
    before is counted for their browser alone.
    """
    network, account = address_of(request), tries.normal(contact.account)
    device = tries.device_for(request, account)
    wanted = [("codes.pair", f"{account} device {device}")]
    if not device:
        wanted = [
            ("codes.pair", f"{account} {network}"),
            ("codes.address", network),
            ("codes.account", account),
            ("codes", ""),
        ]
    if contact.phone:
        whose = f"{account} device {device}" if device else account
        wanted += [("texts.number", whose), ("texts.number.day", whose)]
        wanted += [("texts.network", network), ("texts.country", contact.country), ("texts", "")]
    spent: list[tuple[str, str]] = []
    for bucket, subject in wanted:
        verdict = limits.spend(bucket=bucket, subject=subject, at=at)
        if not verdict.is_allowed:
            for one, whose in spent:
                limits.give_back(bucket=one, subject=whose)
            raise RateLimited(ENOUGH, retry_after_s=verdict.retry_after_s, limit=bucket)
        spent.append((bucket, subject))
