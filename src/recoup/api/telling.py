"""Words of the OpenAPI document that belong to no single endpoint."""

from __future__ import annotations

from typing import Any

DESCRIPTION = """\
Orders in, refunds out. Amounts are integers in minor units; times are ISO 8601 with an offset. Bodies are read
strictly: an unknown field, a string for a number or an unknown query parameter is refused. Every refusal is a problem
document (RFC 9457) with a stable `code`. Somebody else's things are not found, like those that do not exist.
"""

TAGS: dict[str, str] = {
    "company": "Whose key it is, and whether real money moves.",
    "orders": "Tell Recoup what was bought, paid and shipped, and read its copies back.",
    "refunds": "Ask for refunds, follow them, and decide about them.",
    "keys": "Your API keys: made, replaced, taken away. A key can give no more than it has.",
    "webhooks": "Addresses of yours that hear what happens, and what was said to them.",
    "authorizer": "Ask whether somebody may do something, in the shape that AWS API Gateway expects.",
    "guests": "Links that open one case, for shoppers without an account.",
    "people": "Who works at your company, and what they may do.",
}

PATH_PARAMETERS: dict[str, tuple[str, str]] = {
    "case_id": ("The refund's `id`.", "01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58"),
    "key_id": ("The key's `id`.", "01983c6e-0b44-7a11-8c8e-1d5a0f3b7c20"),
    "number": ("The order's number, as you told it.", "MH-1005"),
    "endpoint_id": ("The endpoint's `id`.", "01983c6e-77aa-7d3b-9f10-5c2e8b6d4a90"),
    "message_id": ("The message's `id`.", "01983c6e-80c1-7e55-a2b4-6d3f9c7e5b01"),
    "delivery_id": ("The delivery's `id`.", "01983c6e-91d2-7f66-b3c5-7e4fad8f6c12"),
}

SUCCESSES: dict[tuple[str, int], str] = {
    ("get_company", 200): "Your company.",
    ("put_order", 201): "The order is new.",
    ("put_order", 200): "We had it. The answer is our copy, which keeps its money facts once they are frozen.",
    ("put_orders", 200): "What became of each order, in the order given.",
    ("get_order", 200): "Our copy.",
    ("list_orders", 200): "A page of orders.",
    ("create_refund", 201): "The case, decided already where the policy could decide.",
    ("list_refunds", 200): "A page of refunds.",
    ("get_refund", 200): "The case with its lines, payouts and timeline.",
    ("show_evidence", 200): "The case with what was added, judged again if it waited for it.",
    ("withdraw_refund", 200): "The case, withdrawn.",
    ("give_guest_token", 201): "The token, which is shown this once.",
    ("revoke_guest_tokens", 200): "None of them opens anything any more.",
    ("appeal_refund", 200): "The case, which a person looks at again.",
    ("approve_refund", 200): "The case, with its money on the way.",
    ("approve_refund", 202): "The case as it was: your yes is kept, and it takes a second person.",
    ("reject_refund", 200): "The case, rejected.",
    ("ask_evidence", 200): "The case, which waits for the shopper.",
    ("grade_goods", 200): "The case, after what the policy makes of the goods.",
    ("authorize", 200): "What your function returns to API Gateway, as it is.",
    ("create_key", 201): "The key and its secret, which is shown this once.",
    ("rotate_key", 201): "The new key and its secret, which is shown this once.",
    ("revoke_key", 200): "The key opens nothing any more.",
    ("list_webhook_endpoints", 200): "All of them.",
    ("create_webhook_endpoint", 201): "The endpoint and its secret, which is shown this once.",
    ("get_webhook_endpoint", 200): "The endpoint.",
    ("change_webhook_endpoint", 200): "The endpoint as it is now.",
    ("remove_webhook_endpoint", 200): "It is gone, with its log.",
    ("rotate_webhook_secret", 201): "The new secret, which is shown this once.",
    ("test_webhook_endpoint", 202): "The test message waits for its turn.",
    ("replay_failed_webhooks", 202): "So many messages wait for their turn again.",
    ("list_webhook_deliveries", 200): "A page of deliveries.",
    ("get_webhook_delivery", 200): "The delivery with every attempt.",
    ("replay_webhook_delivery", 202): "The message waits for its turn again.",
}

_TEXT = {"type": "string"}

HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "The id of this request, in our log too: what support asks for. Yours, when you sent one.",
        "schema": _TEXT,
        "example": "01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58",
    },
    "RateLimit-Policy": {
        "description": "The limits that this request was counted for: how many (`q`) in how many seconds (`w`).",
        "schema": _TEXT,
        "example": '"api.key";q=600;w=60',
    },
    "RateLimit": {
        "description": "What is left of the scarcest one (`r`), and in how many seconds it is whole again (`t`).",
        "schema": _TEXT,
        "example": '"api.key";r=599;t=60',
    },
    "Retry-After": {
        "description": "Seconds to wait before the same request with the same Idempotency-Key makes sense.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
        "example": "5",
    },
    "WWW-Authenticate": {"description": "How to say who you are.", "schema": _TEXT, "example": 'Bearer realm="recoup"'},
    "Idempotent-Replayed": {
        "description": "`true` when this is the stored answer of an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    },
}
ON_SUCCESS = ("X-Request-Id", "RateLimit-Policy", "RateLimit")
HEADERS_OF_STATUS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", "RateLimit-Policy", "RateLimit"),
    503: ("Retry-After",),
}

SCHEMAS: dict[str, Any] = {
    "Problem": {
        "title": "Problem",
        "description": "A refusal (RFC 9457). Programs look at `code`, which never changes its meaning; people read "
        "`title` and `detail`. Some refusals add members: `errors` says where the mistakes are, `scope` what is "
        "missing, `retry_after` when to come again.",
        "type": "object",
        "required": ["type", "title", "status", "code", "request_id"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string", "description": "the kind of refusal, for people"},
            "status": {"type": "integer", "description": "the HTTP status again"},
            "detail": {"type": "string", "description": "about this request, for people"},
            "code": {"type": "string", "description": "the kind of refusal, for programs"},
            "request_id": {"type": "string", "description": "what support asks for; X-Request-Id has it too"},
            "errors": {"type": "array", "description": "where the mistakes are", "items": {}},
        },
    }
}
