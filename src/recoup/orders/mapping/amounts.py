"""Decimal amounts of a source, in major units, as integers in minor units.

A price that has more places than its currency is multiplied first and rounded once, half to even, as a line's total;
the report says so (`rounded`). Nothing is rounded in silence.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from recoup.kernel import money
from recoup.orders.mapping.values import KNOWN_MAX, Unreadable, decimal_of

ROUNDED = "rounded"


class Amounts:
    """Amounts of one currency. `roundings` counts; sources repeat their prices, so what was read is remembered."""

    def __init__(self, currency: str) -> None:
        try:
            self._places = money.exponent(currency)
        except money.NotAnAmount as problem:
            raise Unreadable("unknown_currency", str(problem)) from None
        self._known: dict[Any, Decimal] = {}
        self._products: dict[tuple[Any, int], int] = {}
        self.roundings = 0

    def minor(self, amount: Any, times: int = 1) -> int:
        """`times` the amount. Raises Unreadable."""
        product = self._products.get((amount, times))
        if product is not None:
            return product
        total = self._exact(amount) * times
        whole = int(total)
        if whole == total:
            if len(self._products) < KNOWN_MAX:
                self._products[amount, times] = whole
            return whole
        self.roundings += 1
        return int(total.to_integral_value(ROUND_HALF_EVEN))

    def _exact(self, value: Any) -> Decimal:
        exact = self._known.get(value)
        if exact is None:
            exact = decimal_of(value).scaleb(self._places)
            if abs(exact) > money.AMOUNT_MINOR_MAX:
                raise Unreadable("too_large", f"{value!r} is too large")
            if len(self._known) < KNOWN_MAX:
                self._known[value] = exact
        return exact
