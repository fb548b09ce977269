"""What an endpoint tells its readers besides what its types say: refusals, query parameters, the idempotency key.

An endpoint passes `openapi_extra=documented.tells(...)`; `recoup.api.document` makes the OpenAPI document of it, and
the page at `/developers` is made of that. What every endpoint can answer (401, 403, 429, ...) is added there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recoup.access.pages import LIMIT_MAX, LIMIT_USUAL
from recoup.kernel.errors import Refusal

#: Where the document's maker finds the refusals; it takes the word out again.
REFUSALS = "x-refusals"
Parameter = dict[str, Any]

IDEMPOTENCY_KEY: Parameter = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "Your own name for this wish, chosen once and sent again with every retry. The same key with the "
    "same body gives the same answer again for 30 days and does nothing twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "example": "return-2026-000481",
}


def tells(
    *refusals: type[Refusal], parameters: Sequence[Parameter] = (), more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """For `openapi_extra`: how the endpoint can refuse, and parameters that it reads by itself."""
    return {REFUSALS: list(refusals), "parameters": list(parameters), **(more or {})}


def query(name: str, description: str, *, example: Any = None, **schema: Any) -> Parameter:
    """An optional query parameter."""
    told = {"in": "query", "name": name, "required": False, "description": description, "schema": schema}
    return told if example is None else {**told, "example": example}


PAGE: tuple[Parameter, ...] = (
    query("cursor", "Where the page begins: `next_cursor` of the page before. Without it, the newest.", type="string"),
    query(
        "limit",
        "How many the page has at most.",
        type="integer",
        minimum=1,
        maximum=LIMIT_MAX,
        default=LIMIT_USUAL,
        example=20,
    ),
)
