"""Amounts in integer minor units and the exponents of currencies (ISO 4217). Providers have tables of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

#: Currencies whose minor unit is not the hundredth (ISO 4217 list one, 2024).
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),
        0,
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

#: The largest amount we keep: fits a bigint with room for sums.
AMOUNT_MINOR_MAX = 10**15

_CODE = re.compile(r"^[A-Z]{3}$")
SIGNS = {"SGD": "S$", "GBP": "£", "USD": "US$", "EUR": "€", "JPY": "¥", "MYR": "RM"}


class NotAnAmount(ValueError):
    """The text or number is not an amount of that currency."""


def exponent(currency: str) -> int:
    """How many decimal places the currency has. Raises NotAnAmount for a malformed code."""
    if not _CODE.match(currency):
        raise NotAnAmount(f"{currency!r} is not a currency code of three capital letters")
    return EXPONENTS.get(currency, 2)


def minor_from_text(text: str, currency: str) -> int:
    """`"12.50"`, `"SGD"` -> 1250. Refuses more places than the currency has, instead of rounding money away."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise NotAnAmount(f"{text!r} is not a number") from None
    if not value.is_finite():
        raise NotAnAmount(f"{text!r} is not an amount")
    minor = value.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise NotAnAmount(f"{text!r} has more decimal places than {currency} has")
    if abs(minor) > AMOUNT_MINOR_MAX:
        raise NotAnAmount(f"{text!r} is too large")
    return int(minor)


def text_from_minor(amount_minor: int, currency: str) -> str:
    """1250, `"SGD"` -> `"12.50"`: for files and machines. People read `spoken`."""
    places = exponent(currency)
    return str(Decimal(amount_minor).scaleb(-places).quantize(Decimal(1).scaleb(-places)))


def spoken(amount_minor: int, currency: str) -> str:
    """1234567, `"SGD"` -> `"S$12,345.67"`: for people."""
    sign = "-" if amount_minor < 0 else ""
    number = f"{Decimal(text_from_minor(abs(amount_minor), currency)):,}"
    return f"{sign}{SIGNS[currency]}{number}" if currency in SIGNS else f"{sign}{currency} {number}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency. Two currencies never meet in one sum."""

    amount_minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise NotAnAmount(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __str__(self) -> str:
        return spoken(self.amount_minor, self.currency)
