"""What we send, for the OpenAPI document: its section `webhooks`, made of the catalogue that messages are made by."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from recoup.callbacks import catalogue

_REF = "#/components/schemas/{model}"
_TIME = "2026-11-22T09:31:07.412Z"
_ID = "01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58"
_CASE = {"refund_id": _ID, "number": "RC-7K2M-4QXD", "order_number": "MH-1005", "currency": "SGD"}
_DATA: dict[str, dict[str, Any]] = {
    "RefundData": {**_CASE, "amount_requested_minor": 4990, "amount_minor": 4990},
    "PayoutData": {"payout_id": "01983c6e-6b2f-7d71-8c8e-4a3c7d2b5f69", **_CASE, "amount_minor": 4990},
    "TestData": {"endpoint_id": "01983c6e-77aa-7d3b-9f10-5c2e8b6d4a90"},
}
_HEADERS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    (
        "webhook-id",
        "The message's id, the same at every try: do nothing twice for it.",
        {"type": "string", "pattern": "^msg_"},
        "msg_01983c6e80c17e55a2b46d3f9c7e5b01",
    ),
    (
        "webhook-timestamp",
        "When this try was signed, in seconds since 1970. Refuse what is older than five minutes.",
        {"type": "string", "pattern": "^[0-9]+$"},
        "1795340000",
    ),
    (
        "webhook-signature",
        "`v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`; two of them while a secret is replaced.",
        {"type": "string", "pattern": "^v1,[A-Za-z0-9+/]+=*( v1,[A-Za-z0-9+/]+=*)*$"},
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
)


def section() -> dict[str, Any]:
    """`webhooks`: each type of message, with the request that we make and how its answers are understood."""
    return {name: {"post": _message(name, kind)} for name, kind in catalogue.BY_TYPE.items()}


def schemas() -> dict[str, Any]:
    """The shapes that `section` names."""
    kinds = sorted({kind.data for kind in catalogue.BY_TYPE.values()}, key=lambda kind: kind.__name__)
    asked: list[tuple[Any, Any]] = [(kind, "validation") for kind in (catalogue.Message, *kinds)]
    _, told = models_json_schema(asked, ref_template=_REF)
    return dict(told["$defs"])


def _message(name: str, kind: catalogue.Kind) -> dict[str, Any]:
    data = kind.data.__name__
    return {
        "operationId": f"hear_{name.replace('.', '_')}",
        "tags": ["webhooks"],
        "summary": kind.words,
        "description": "Sent to the endpoints of yours that chose this type, in order, and tried again for three days.",
        "security": [],
        "parameters": [
            {
                "in": "header",
                "name": header,
                "required": True,
                "description": words,
                "schema": shape,
                "example": example,
            }
            for header, words, shape, example in _HEADERS
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "allOf": [
                            {"$ref": _REF.format(model="Message")},
                            {
                                "properties": {
                                    "type": {"const": name},
                                    "data": {"$ref": _REF.format(model=data)},
                                }
                            },
                        ]
                    },
                    "example": {
                        "type": name,
                        "version": catalogue.VERSION,
                        "timestamp": _TIME,
                        "sequence": 7,
                        "data": _DATA[data],
                    },
                }
            },
        },
        "responses": {
            "2XX": {"description": "Taken. Answer within ten seconds, and do the work afterwards."},
            "410": {"description": "The endpoint is switched off at once."},
            "default": {"description": "Not taken: tried again. `Retry-After` with 429 and 503 is heeded."},
        },
    }
