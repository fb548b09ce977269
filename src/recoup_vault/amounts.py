"""How Stripe counts minor units (https://docs.stripe.com/currencies): not everywhere as ISO 4217 does.

Krona and shilling (ISK, UGX) are written with two decimals that must be 00 though ISO gives them none; the ariary (MGA)
is written without decimals though ISO gives it two; dinars have three, of which the last must be 0.
"""

from __future__ import annotations

from recoup.kernel.money import exponent

_WITHOUT_DECIMALS = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD JOD KWD OMR TND".split())


class NotPayable(ValueError):
    """The rail has no such amount in that currency."""


def to_stripe(amount_minor: int, currency: str) -> int:
    """Our minor units in Stripe's. Raises NotPayable rather than round money away."""
    theirs = _scale(amount_minor, currency, _stripe_exponent(currency) - exponent(currency))
    if currency in _THREE_DECIMALS and theirs % 10:
        raise NotPayable(f"{theirs} {currency}: the last of three decimals must be 0")
    return theirs


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's minor units in ours. Raises NotPayable."""
    return _scale(amount, currency, exponent(currency) - _stripe_exponent(currency))


def _stripe_exponent(currency: str) -> int:
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def _scale(amount: int, currency: str, places: int) -> int:
    if places >= 0:
        return int(amount * 10**places)
    whole, rest = divmod(amount, 10**-places)
    if rest:
        raise NotPayable(f"{amount} {currency} has no whole counterpart")
    return int(whole)
