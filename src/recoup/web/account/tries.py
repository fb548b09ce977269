"""How often a password may be tried, so that nobody guesses one and nobody can be locked out (docs/decisions/0038).

A try is counted before it is made and given back when it was right, so a burst at one moment does not pass together.
A stranger's tries count for the account, for their network and for all. A browser that has signed in to the account
before carries a cookie, and counts for itself alone: what strangers do costs it nothing. A passkey and a mailed code
are not counted here, so they let the owner in whatever others have done.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from recoup.access import limits
from recoup.access.limits_at_doors import address_of

COOKIE = "__Host-recoup-device" if settings.PUBLIC_URL.startswith("https://") else "recoup-device"
_SALT = "recoup.device"
_LIVES_S = 400 * 24 * 3600
#: A till is one browser and several people.
_ACCOUNTS_MAX = 8


class TooMany(Exception):
    """This one is not tried any more for now."""


def begin(request: HttpRequest, account: str, *, at: datetime) -> list[tuple[str, str]]:
    """The try is counted; gives what `was_right` takes. Raises TooMany, and then counts nothing."""
    spent: list[tuple[str, str]] = []
    for bucket, subject in _purses(request, normal(account)):
        if not limits.spend(bucket=bucket, subject=subject, at=at).is_allowed:
            was_right(spent)
            raise TooMany
        spent.append((bucket, subject))
    return spent


def begin_code(request: HttpRequest, person: Any, *, at: datetime) -> list[tuple[str, str]]:
    """A code of a person's second factor is counted; gives what `was_right` takes. Raises TooMany.

    Whoever is asked for one knows the password, so it is counted for the person, from wherever it comes.
    """
    token, accounts = _told(request)
    is_known = bool(token) and _mark(normal(person.email or "")) in accounts
    spent = ("second-factor", f"{person.pk} device {token}" if is_known else str(person.pk))
    if not limits.spend(bucket=spent[0], subject=spent[1], at=at).is_allowed:
        raise TooMany
    return [spent]


def was_right(spent: list[tuple[str, str]]) -> None:
    """The try is not counted after all."""
    for bucket, subject in spent:
        limits.give_back(bucket=bucket, subject=subject)


def remember_device(request: HttpRequest, response: HttpResponse, account: str) -> str:
    """The browser is known for this account from now on; gives its own token. The cookie names nobody."""
    token, accounts = _told(request)
    token = token or secrets.token_urlsafe(16)
    mark = _mark(normal(account))
    accounts = [mark, *(one for one in accounts if one != mark)][:_ACCOUNTS_MAX]
    value = signing.dumps([token, accounts], salt=_SALT, compress=True)
    response.set_cookie(
        COOKIE, value, max_age=_LIVES_S, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return token


def device_for(request: HttpRequest, account: str) -> str:
    """The browser's own token when it has signed in to the account before; empty when it has not."""
    token, accounts = _told(request)
    return token if token and _mark(normal(account)) in accounts else ""


def normal(account: str) -> str:
    """An account however it is written: capitals, wide letters and spaces around it make no other."""
    return unicodedata.normalize("NFKC", account).casefold().strip()


def _purses(request: HttpRequest, account: str) -> list[tuple[str, str]]:
    token, accounts = _told(request)
    if token and _mark(account) in accounts:
        return [("sign-in.pair", f"{account} device {token}")]
    network = address_of(request)
    return [
        ("sign-in.pair", f"{account} {network}"),
        ("sign-in.address", network),
        ("sign-in.account", account),
        ("sign-in", ""),
    ]


def _told(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        token, accounts = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_LIVES_S)
    except signing.BadSignature:
        return "", []
    return token, accounts


def _mark(account: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{_SALT}:{account}".encode(), hashlib.sha256).hexdigest()[:24]
