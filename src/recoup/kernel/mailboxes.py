"""Whether two e-mail addresses or phone numbers reach the same person, as far as that can be known from outside."""

from __future__ import annotations

import re
import unicodedata

#: Providers that ignore dots before the @, and the one name their mailboxes are known under here.
_WITHOUT_DOTS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
#: Two phone numbers are one when they end in the same digits: people leave the country's code out.
_PHONE_DIGITS_MIN = 8
_NOT_DIGITS = re.compile(r"\D+")


def mailbox(address: str) -> str:
    """The address as its mailbox is called: no capitals, no +tag, and at Gmail no dots; "" for no address.

    >>> mailbox("In.es+shop@GoogleMail.com")
    'ines@gmail.com'
    """
    name, at, domain = unicodedata.normalize("NFKC", address).strip().casefold().rpartition("@")
    if not at or not name:
        return ""
    name = name.partition("+")[0] or name
    if domain in _WITHOUT_DOTS:
        name, domain = name.replace(".", ""), _WITHOUT_DOTS[domain]
    return f"{name}@{domain}"


def same_phone(one: str, other: str) -> bool:
    """Both are numbers of one telephone."""
    digits = (_NOT_DIGITS.sub("", number).lstrip("0") for number in (one, other))
    short, long = sorted(digits, key=len)
    return len(short) >= _PHONE_DIGITS_MIN and long.endswith(short)
