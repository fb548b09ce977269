"""Phone numbers as people write them, and as the world's networks know them (E.164)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_LOOKS = re.compile(r"[+(]{0,2}[0-9][0-9 ().\-/]{4,30}")


_NO_NUMBER = "That does not look like a phone number."
_NO_SUCH = "That number does not exist. Check the digits and the country."
_NOT_THERE = "We cannot send texts to that country. Use your e-mail address instead."
_NO_MOBILE = "That is not a mobile number. Use a mobile number or your e-mail address."
#: Every text of this module, for the catalogues.
TEXTS: tuple[str, ...] = (_NO_NUMBER, _NO_SUCH, _NOT_THERE, _NO_MOBILE)


class NotANumber(ValueError):
    """That is no phone number. The words say what to do."""


class NoTexts(NotANumber):
    """A phone number, but none that a text can be sent to."""


@dataclass(frozen=True, slots=True)
class Number:
    """`e164`: `+6591234567`. `country`: ISO 3166, two letters."""

    e164: str
    country: str


def looks_like_one(text: str) -> bool:
    """Whether somebody meant a phone number, right or not."""
    return bool(_LOOKS.fullmatch(text.strip()))


def read(text: str, *, country: str, allowed: Collection[str]) -> Number:
    """The mobile number, `country` being where it is when it does not say so itself (+65...).

    Raises NotANumber; NoTexts for a landline, for numbers that cost their caller more, and for countries that are not
    allowed.
    """
    try:
        parsed = phonenumbers.parse(text.strip()[:40], country)
    except NumberParseException:
        raise NotANumber(_NO_NUMBER) from None
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        raise NotANumber(_NO_SUCH)
    where = phonenumbers.region_code_for_number(parsed) or ""
    if where not in allowed:
        raise NoTexts(_NOT_THERE)
    if phonenumbers.number_type(parsed) not in _MOBILE:
        raise NoTexts(_NO_MOBILE)
    return Number(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), where)


def e164_of(text: str, *, country: str) -> str:
    """A number as a shop wrote it down, whatever kind it is: `+6591234567`; empty for what is none. `country` (two
    letters, or empty) is where it is when it does not say so itself.
    """
    try:
        parsed = phonenumbers.parse(text.strip()[:40], country or None)
    except NumberParseException:
        return ""
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(parsed) else ""


def country_of(e164: str) -> str:
    """SG for +6591234567."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or ""


def as_people_write(e164: str) -> str:
    """`+65 9123 4567`."""
    return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.INTERNATIONAL)


def hidden(e164: str) -> str:
    """Enough for its owner to know it by: `+65 •••• 4567`."""
    shown = as_people_write(e164)
    head, tail = shown.split(" ", 1)[0], shown[-4:]
    return f"{head} •••• {tail}"


def calling_code(country: str) -> int:
    """65 for SG."""
    return int(phonenumbers.country_code_for_region(country))
