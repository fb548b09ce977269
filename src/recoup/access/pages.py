"""Pages of results by cursor: `?cursor=...&limit=...`, newest first. A cursor never skips or repeats a row."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from recoup.kernel.errors import Invalid

LIMIT_MAX = 200
LIMIT_USUAL = 50


def place(request: HttpRequest) -> tuple[UUID | None, int]:
    """Where the page begins (after which id; ids are time-ordered) and how many rows it has. Raises Invalid."""
    text = request.GET.get("limit", str(LIMIT_USUAL))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LIMIT_MAX:
        raise Invalid(f"limit must be a whole number from 1 to {LIMIT_MAX}")
    cursor = request.GET.get("cursor")
    if cursor is None:
        return None, int(text)
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        return UUID(bytes=raw), int(text)
    except ValueError:
        raise Invalid("That cursor is not one of ours; begin again without it") from None


def page(rows: Sequence[Any], ids: Sequence[UUID], *, limit: int) -> dict[str, Any]:
    """`rows` were read with limit + 1: the extra one only says that there is more."""
    more = len(rows) > limit
    cursor = base64.urlsafe_b64encode(ids[limit - 1].bytes).decode().rstrip("=") if more else None
    return {"data": list(rows[:limit]), "next_cursor": cursor}
