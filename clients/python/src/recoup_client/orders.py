"""Orders: told, and read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recoup_client.errors import NotUnderstood
from recoup_client.line import Line, piece
from recoup_client.models import Order, OrderResult, read
from recoup_client.paging import each
from recoup_client.wanted import OrderTold


class Orders:
    """`recoup.orders`."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def put(self, order: OrderTold) -> Order:
        """Recoup knows the order afterwards. Telling it again changes nothing, so it is retried freely."""
        return read(Order, self._line.call("POST", "/orders", order, is_repeatable=True).body)

    def put_many(self, orders: Sequence[OrderTold]) -> list[OrderResult]:
        """Up to 1,000 at once, each stored or refused by itself; the results are in the order given."""
        told = self._line.call("POST", "/orders/bulk", {"orders": list(orders)}, is_repeatable=True).body
        if not isinstance(told, dict) or not isinstance(told.get("results"), list):
            raise NotUnderstood("/orders/bulk did not answer with results")
        return [read(OrderResult, {"id": None, "problem": None, **result}) for result in told["results"]]

    def get(self, number: str) -> Order:
        """Recoup's copy. Raises NotFound."""
        return read(Order, self._line.call("GET", f"/orders/{piece(number)}").body)

    def list(self, *, limit: int | None = None) -> Iterator[Order]:
        """The newest copies first; all of them, or `limit`."""
        return each(self._line, "/orders", Order, query={}, limit=limit)
