"""Many rows into three tables in three statements: fed by COPY through temporary tables, or by one JSON parameter.

Tables under row-level security take no COPY (PostgreSQL manual, COPY, Notes), hence the temporary ones.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.kernel import ids
from recoup.orders.freezing import FrozenLine


class Json(dict[str, Any]):
    """An object that goes into a jsonb column."""


@dataclass(frozen=True)
class Table:
    """Where rows go, and the columns that they bring, in order, with their types."""

    name: str
    staged_as: str
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    @property
    def definition(self) -> str:
        return ", ".join(f"{name} {kind}" for name, kind in self.columns)


def _table(name: str, staged_as: str, columns: str) -> Table:
    pairs = [column.split(":") for column in columns.split()]
    return Table(name, staged_as, tuple((name, kind) for name, kind in pairs))


ORDER = _table(
    "orders_order",
    "pg_temp.incoming_order",
    "id:uuid number:text email:text phone:text shopper_name:text customer_ref:text country:text"
    " currency:text status:text channel:text placed_at:timestamptz shipped_at:timestamptz delivered_at:timestamptz"
    " paid_minor:bigint shipping_minor:bigint shipping_tax_minor:bigint tax_percent_thousandths:integer"
    " as_of:timestamptz source:text source_tag:text facts_hash:text content_hash:text attributes:jsonb",
)
LINE = _table(
    "orders_orderline",
    "pg_temp.incoming_line",
    "id:uuid order_id:uuid position:integer sku:text title:text category:text kind:text flags:text[]"
    " quantity:integer list_minor:bigint item_discount_minor:bigint order_discount_minor:bigint tax_minor:bigint"
    " tax_included_minor:bigint fee_minor:bigint image_url:text",
)
CAPTURE = _table(
    "payments_capture",
    "pg_temp.incoming_capture",
    "id:uuid order_id:uuid rail_account_id:uuid position:smallint method:text label:text"
    " provider_charge_id:text currency:text captured_minor:bigint",
)


@dataclass(slots=True)
class Rows:
    """Rows for the three tables, each in the order of its columns. Lines and captures may be of older orders;
    their ids are texts, made once per order. Lines stand under the id of their order and have no ids yet.
    """

    merchant_id: UUID
    orders: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[str, Sequence[FrozenLine]]] = field(default_factory=list)
    captures: list[tuple[Any, ...]] = field(default_factory=list)


def write(rows: Rows, *, is_bulk: bool) -> set[UUID]:
    """The rows are in the tables. Orders whose number exists by now are left out with all that belongs to them.

    Returns the ids of the orders that were left out.
    """
    insert = _Bulk(rows.merchant_id) if is_bulk else _Statement(rows.merchant_id)
    written = insert.rows(ORDER, rows.orders, "ON CONFLICT (merchant_id, number) DO NOTHING RETURNING id")
    left_out = {row[0] for row in rows.orders} - {row[0] for row in written}
    without = {str(order_id) for order_id in left_out}
    insert.lines([(order_key, lines) for order_key, lines in rows.lines if order_key not in without])
    insert.rows(CAPTURE, [row for row in rows.captures if row[1] not in without])
    return left_out


def line_keys(count: int) -> list[str]:
    """That many new ids as texts: time-ordered UUIDs (RFC 9562, version 7), without the cost of objects."""
    first, noise = ids.uuid7().hex, os.urandom(8 * count).hex()
    return [first[:16] + "89ab"[int(noise[at], 16) & 3] + noise[at + 1 : at + 16] for at in range(0, 16 * count, 16)]


def plain(value: Any) -> Any:
    """What JSON has no form for."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | frozenset | set):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class _Statement:
    """Rows in one JSON parameter: for a few of them, and for roles that may make no temporary tables."""

    def __init__(self, merchant_id: UUID) -> None:
        self._merchant_id = merchant_id

    def rows(self, table: Table, rows: Sequence[tuple[Any, ...]], ending: str = "") -> list[tuple[Any, ...]]:
        """The rows are in the table; what the ending returns."""
        if not rows:
            return []
        told = orjson.dumps([dict(zip(table.names, row, strict=True)) for row in rows], default=plain).decode()
        source = f"json_to_recordset(%s::json) AS told ({table.definition})"
        with connection.cursor() as cursor:
            return self._insert(cursor, table, source, told, ending)

    def lines(self, lines: Iterable[tuple[str, Sequence[FrozenLine]]]) -> None:
        """The lines are in their table."""
        self.rows(LINE, [row for order_key, of_order in lines for row in _line_rows(order_key, of_order)])

    def _insert(self, cursor: Any, table: Table, told: str, parameter: Any, ending: str) -> list[tuple[Any, ...]]:
        columns = ", ".join(table.names)
        # Only names and types of this page are put into the text; every value is a parameter.
        cursor.execute(
            f"INSERT INTO {table.name} (merchant_id, {columns}) SELECT %s::uuid, {columns} FROM {told} {ending}",  # noqa: S608
            [self._merchant_id, *([parameter] if parameter is not None else [])],
        )
        return cursor.fetchall() if ending else []


class _Bulk(_Statement):
    """Rows by COPY through a temporary table."""

    def rows(self, table: Table, rows: Sequence[tuple[Any, ...]], ending: str = "") -> list[tuple[Any, ...]]:
        return self._copy(table, "".join(map(_text_row, rows)), ending)

    def lines(self, lines: Iterable[tuple[str, Sequence[FrozenLine]]]) -> None:
        self._copy(LINE, "".join([_text_of_lines(order_key, of_order) for order_key, of_order in lines]))

    def _copy(self, table: Table, text: str, ending: str = "") -> list[tuple[Any, ...]]:
        if not text:
            return []
        short = table.staged_as.removeprefix("pg_temp.")
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {short} ({table.definition}) ON COMMIT DELETE ROWS")
            cursor.execute(f"TRUNCATE {table.staged_as}")
            with cursor.copy(f"COPY {table.staged_as} ({', '.join(table.names)}) FROM STDIN") as copy:
                copy.write(text)
            return self._insert(cursor, table, table.staged_as, None, ending)


def _line_rows(order_key: str, lines: Sequence[FrozenLine]) -> list[tuple[Any, ...]]:
    return [(key, order_key, *line) for key, line in zip(line_keys(len(lines)), lines, strict=True)]


def _text_of_lines(order_key: str, lines: Sequence[FrozenLine]) -> str:
    """Lines are what an import has most of: where nothing needs escaping, one pattern writes each of them."""
    rows = _line_rows(order_key, lines)
    text = "".join([_PLAIN_LINE % row for row in rows])
    is_plain = text.count("\t") == len(rows) * (len(LINE.columns) - 1) and text.count("\n") == len(rows)
    if is_plain and "\\" not in text and "\r" not in text and not any(line.flags for line in lines):
        return text
    return "".join(map(_text_row, rows))


def _text_row(row: tuple[Any, ...]) -> str:
    """One line of COPY's text format (PostgreSQL manual, COPY, Text Format). Most rows have nothing to escape."""
    line = "\t".join([value if type(value) is str else _TEXTS[type(value)](value) for value in row])
    if _SPECIAL.search(line) or line.count("\t") >= len(row):
        line = "\t".join([_TEXTS[type(value)](value) for value in row])
    return line + "\n"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _array(values: list[str]) -> str:
    quoted = ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return _escaped("{" + quoted + "}")


def _json(value: Json) -> str:
    return orjson.dumps(value, default=plain).decode()


#: A line without flags in COPY's text format: each column as it is, the (empty) list of flags as PostgreSQL writes it.
_PLAIN_LINE = "\t".join("{}%.0s" if kind == "text[]" else "%s" for _, kind in LINE.columns) + "\n"
_SPECIAL = re.compile(r"[\\\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_TEXTS: dict[type, Callable[[Any], str]] = {
    str: _escaped,
    int: repr,
    type(None): lambda _: r"\N",
    UUID: str,
    list: _array,
    datetime: datetime.isoformat,
    Json: lambda value: _escaped(_json(value)),
}
