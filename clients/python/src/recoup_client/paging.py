"""Lists, page by page, as one iterator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from recoup_client.errors import NotUnderstood
from recoup_client.line import Line
from recoup_client.models import read

Model = TypeVar("Model")


def each(
    line: Line, path: str, kind: type[Model], *, query: Mapping[str, object], limit: int | None
) -> Iterator[Model]:
    """Every row, newest first, by cursor; `limit` ends it early. A page is fetched when its first row is asked for."""
    left, cursor = limit, None
    while left is None or left > 0:
        size = None if left is None else min(left, 200)
        told = line.call("GET", path, query={**query, "cursor": cursor, "limit": size}).body
        if not isinstance(told, dict) or not isinstance(told.get("data"), list):
            raise NotUnderstood(f"{path} did not answer with a page")
        for row in told["data"]:
            yield read(kind, row)
        cursor = told.get("next_cursor")
        if cursor is None:
            return
        left = None if left is None else left - len(told["data"])
