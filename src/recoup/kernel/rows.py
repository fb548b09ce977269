"""Many rows as one parameter of a statement: PostgreSQL makes the JSON rows again.

A list per column would be dumped value by value, each text searched for characters to escape; for rows that carry JSON
themselves that costs more than everything else in the statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

#: JSON text that goes into a row as the value it says, not as a text.
Json = orjson.Fragment


def insert_into(table: str, columns: Iterable[str]) -> str:
    """The statement that inserts rows given by `as_rows` as its only parameter. Names are our own, never somebody's."""
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608


def as_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as one JSON text: UUIDs and times as PostgreSQL reads them, other objects (of events) as their `str`."""
    return orjson.dumps(list(rows), default=str).decode()
