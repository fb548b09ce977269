"""A refusal as a problem document (RFC 9457), whoever at the doors says it."""

from __future__ import annotations

from typing import Any

import orjson

from recoup.kernel.errors import Refusal

CONTENT_TYPE = "application/problem+json"


def document(refusal: Refusal, *, request_id: str = "") -> bytes:
    """`type`, `title`, `status`, `detail`, the stable `code`, what the refusal adds, and the id support asks for."""
    told: dict[str, Any] = {
        "type": f"https://recoup.example/problems/{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        **refusal.extra,
    }
    if request_id:
        told["request_id"] = request_id
    return orjson.dumps(told, default=str)
