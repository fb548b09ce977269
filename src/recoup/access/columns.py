"""Column types that PostgreSQL has and Django lacks."""

from __future__ import annotations

from typing import Any

from django.db import models
from psycopg.types.multirange import Multirange

from recoup.kernel import units


class UnitSpansField(models.Field):  # type: ignore[type-arg]
    """An int4multirange, seen from Python as sorted half-open spans `[(from, to), ...]` (recoup.kernel.units)."""

    def db_type(self, connection: Any) -> str:
        return "int4multirange"

    def from_db_value(self, value: Multirange[int] | None, *_: Any) -> units.Spans | None:
        return None if value is None else spans_from(value)

    def get_prep_value(self, value: units.Spans | None) -> str | None:
        return None if value is None else units.to_sql(value)


def spans_from(value: Multirange[int]) -> units.Spans:
    """The spans of a multirange that psycopg read."""
    return [(int(part.lower or 0), int(part.upper or 0)) for part in value]
