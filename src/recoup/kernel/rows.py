"""Many rows as one parameter of a statement: `json_to_recordset(%s)` makes them rows again.

A list per column would be dumped value by value, each text searched for characters to escape; for rows that carry JSON
themselves that costs more than everything else in the statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

#: JSON text that goes into a row as the value it says, not as a text.
Json = orjson.Fragment


def as_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as one JSON text: UUIDs and times as PostgreSQL reads them, other objects (of events) as their `str`."""
    return orjson.dumps(list(rows), default=str).decode()
