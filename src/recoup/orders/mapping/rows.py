"""Tables as orders: rows with the same order number belong together, in the order of the file.

A source need not be sorted, but an order's rows stand near each other: one that nothing was heard of for
`ROWS_APART_MAX` rows is complete, and rows that come later still are refused (`too_late`), never half an order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

from recoup.kernel.errors import Refusal
from recoup.orders.documents import LineDocument, OrderDocument
from recoup.orders.mapping.amounts import ROUNDED, Amounts
from recoup.orders.mapping.notes import Treated
from recoup.orders.mapping.plans import LinePlan, OrderPlan, PaymentPlan, total_minor
from recoup.orders.mapping.rules import Rule, Rules
from recoup.orders.mapping.tally import Origin, Tally
from recoup.orders.mapping.values import Find, MappingMistake, Unreadable, compiled

ROWS_APART_MAX = 20_000
#: So many rows are held against the rules together.
ROWS_AT_ONCE = 2_000
Row = list[str]


@dataclass(slots=True)
class _Open:
    """An order whose rows are still coming in."""

    last_row: int
    rows: list[tuple[int, Row]]


class RowMapping:
    """A mapping for tables, ready for a heading. Raises MappingMistake."""

    def __init__(self, mapping: Mapping[str, Any], columns: Sequence[str]) -> None:
        self.columns = list(columns)
        place = {name: index for index, name in enumerate(columns)}

        def read(name: str) -> Find:
            if name not in place:
                raise MappingMistake(f"there is no column {name!r}; there are {', '.join(columns)}")
            return itemgetter(place[name])

        head: set[int] = set()

        def read_head(name: str) -> Find:
            find = read(name)
            head.add(place[name])
            return find

        self._order = OrderPlan(mapping["order"], read_head)
        self._line = LinePlan(mapping["line"], read)
        self._payments = [PaymentPlan(payment, read) for payment in mapping.get("payments", [])]
        self._rules = Rules(mapping.get("rows", []), read)
        self._number = compiled(mapping["order"]["number"], read)
        self._head = itemgetter(*sorted(head))
        self._amounts: dict[str, Amounts] = {}

    def orders(
        self, rows: Iterable[Row], *, file: str, first_row: int, tally: Tally
    ) -> Iterator[tuple[OrderDocument, Origin]]:
        """The orders of a file, each as soon as it is complete, with where it stands."""
        standing: dict[str, _Open] = {}
        closed: set[str] = set()
        heard, at = iter(rows), first_row
        while batch := list(islice(heard, min(ROWS_AT_ONCE, ROWS_APART_MAX))):
            tally.rows_read += len(batch)
            for place, row, number in self._kept(batch, file, at, tally):
                order = standing.get(number)
                if order is not None:
                    order.last_row = place
                    order.rows.append((place, row))
                elif number in closed:
                    message = f"order {number} was complete more than {ROWS_APART_MAX} rows before"
                    tally.note(self._origin(file, place, row), "too_late", Treated.REFUSED, message)
                else:
                    standing[number] = _Open(place, [(place, row)])
            at += len(batch)
            if (at - first_row) % ROWS_APART_MAX == 0:
                for done in [key for key, one in standing.items() if at - one.last_row > ROWS_APART_MAX]:
                    closed.add(done)
                    yield from self._close(standing.pop(done), file, tally)
        for one in standing.values():
            yield from self._close(one, file, tally)

    def _kept(self, batch: list[Row], file: str, first: int, tally: Tally) -> Iterator[tuple[int, Row, str]]:
        """The rows that belong to orders, each with its place in the file and its order's number."""
        width = len(self.columns)
        places: Iterable[int] = range(first, first + len(batch))
        if set(map(len, batch)) != {width}:
            self._refuse_misshapen(zip(places, batch, strict=True), file, tally)
            fitting = [(at, row) for at, row in zip(places, batch, strict=True) if len(row) == width]
            places, batch = [at for at, _ in fitting], [row for _, row in fitting]
        decide = self._rules.decide
        for at, row, number, fulfilled in zip(
            places, batch, map(self._number, batch), self._rules.fulfilled(batch), strict=True
        ):
            if fulfilled and (hits := decide(fulfilled)) and self._is_out(hits, row, file, at, tally):
                continue
            yield at, row, number

    def _refuse_misshapen(self, rows: Iterable[tuple[int, Row]], file: str, tally: Tally) -> None:
        for at, row in rows:
            if len(row) != len(self.columns):
                message = f"{len(row)} columns instead of {len(self.columns)}"
                tally.note(Origin(file, at, {"row": row}), "wrong_columns", Treated.REFUSED, message)

    def _is_out(self, hits: Sequence[Rule], row: Row, file: str, at: int, tally: Tally) -> bool:
        for rule in hits:
            origin = self._origin(file, at, row) if tally.is_told else None
            tally.note(origin, rule.code, rule.treated, rule.message)
            if rule.treated is not Treated.KEPT:
                return True
        return False

    def _close(self, order: _Open, file: str, tally: Tally) -> Iterator[tuple[OrderDocument, Origin]]:
        first_at, first = order.rows[0]
        origin = self._origin(file, first_at, first, rows=len(order.rows))
        try:
            currency = self._order.currency(first)
            amounts = self._amounts.get(currency)
            if amounts is None:
                amounts = self._amounts[currency] = Amounts(currency)
            lines = self._lines(order, file, amounts, tally)
            document = self._order.order(first, lines, amounts, currency)
            total = total_minor(document)
            if total > 0:
                document.payments = [plan.payment(first, amounts, total_minor=total) for plan in self._payments]
        except (Unreadable, Refusal) as problem:
            tally.refuse_order(origin, problem.code, str(problem))
            return
        yield document, origin

    def _lines(self, order: _Open, file: str, amounts: Amounts, tally: Tally) -> list[LineDocument]:
        """An order is refused as a whole when one of its lines cannot be read: half an order would be a false one."""
        lines: list[LineDocument] = []
        read, roundings = self._line.line, amounts.roundings
        for at, row in order.rows:
            line = read(row, amounts)
            lines.append(line)
            if amounts.roundings != roundings:
                roundings = amounts.roundings
                message = f"the price has more places than the currency; the line was rounded to {line.list_minor}"
                tally.note(self._origin(file, at, row), ROUNDED, Treated.KEPT, message)
        self._remark(order, file, tally)
        return lines

    def _remark(self, order: _Open, file: str, tally: Tally) -> None:
        """What is odd about rows that are all kept. Most orders have nothing odd, which is seen at one look."""
        rows = [row for _, row in order.rows]
        head = self._head(rows[0])
        if len(set(map(tuple, rows))) == len(rows) and set(map(self._head, rows)) == {head}:
            return
        seen: set[tuple[str, ...]] = set()
        for at, row in order.rows:
            if tuple(row) in seen:
                message = "the same row stands in this order before; both are kept, since both were paid"
                tally.note(self._origin(file, at, row), "duplicate_row", Treated.KEPT, message)
            seen.add(tuple(row))
            if self._head(row) != head:
                message = "what this row says about the order differs from its first row, which counts"
                tally.note(self._origin(file, at, row), "rows_disagree", Treated.KEPT, message)

    def _origin(self, file: str, at: int, row: Row, *, rows: int = 1) -> Origin:
        return Origin(file, at, dict(zip(self.columns, row, strict=True)), rows)
