"""Examples of the OpenAPI document. tests/docs/test_developers.py sends each to the running demo, in curl and Python.

An endpoint without words of its own here gets an example made of its schema, and the plain `recoup.call` in Python.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

from django.conf import settings

JSON = "application/json"
#: Placeholders that the page's readers set in their shell: `{case_id}` of a path is $CASE_ID.
_PLACE = re.compile(r"{(\w+)}")
#: A date in the examples of orders: this many days before the document was made.
DAYS_AGO = 5

ORDER_NUMBER = "EX-20481"
_LINE = "01983c6e-4d10-7a3f-9b52-0c7d8e6f5a41"
_REQUEST_ID = "01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58"
_ORDER = {
    "number": ORDER_NUMBER,
    "placed_at": "{then}",
    "currency": "SGD",
    "country": "SG",
    "status": "delivered",
    "shipped_at": "{then}",
    "delivered_at": "{then}",
    "email": "mei.tan@example.com",
    "lines": [
        {"sku": "CUP", "title": "Tea cup", "quantity": 12, "unit_price_minor": 1250},
        {"sku": "SOFA", "title": "Sofa, two seats", "quantity": 1, "unit_price_minor": 90000},
    ],
    "shipping_minor": 400,
    "payments": [{"charge_id": "ch_EX-20481", "amount_minor": 105400, "label": "Visa •••• 4242"}],
}

#: A white square, as small as a photo can be.
_PHOTO = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAEElEQVR42mP8zwABTAwUMQBJQQEPkWFcdwAAAABJRU5ErkJggg=="

#: What is sent, by operation.
REQUESTS: dict[str, dict[str, Any]] = {
    "put_order": _ORDER,
    "put_orders": {"orders": [_ORDER]},
    "create_refund": {
        "order_number": ORDER_NUMBER,
        "reason": "missing_item",
        "items": [{"sku": "CUP", "quantity": 1}],
        "words": "There were only eleven cups in the parcel.",
    },
    "show_evidence": {"words": "The handle came off.", "photos": [_PHOTO]},
    "appeal_refund": {"words": "The parcel came two weeks after the day you count from."},
    "approve_refund": {"note": "Seen on the photo: the leg is broken."},
    "reject_refund": {"words": "The sofa was used for a year, and the photo shows wear."},
    "ask_evidence": {"words": "Please send a photo of the broken leg.", "asks": ["photos"]},
    "grade_goods": {"grade": "graded_ok"},
    "authorize": {
        "type": "TOKEN",
        "authorizationToken": "Bearer rk_the-caller-of-your-gateway",
        "methodArn": "arn:aws:execute-api:ap-southeast-1:123456789012:abcdef123/prod/GET/api/v1/refunds",
    },
    "create_webhook_endpoint": {"url": "{hook}", "event_types": ["refund.approved", "refund.closed"]},
    "change_webhook_endpoint": {"is_enabled": True},
    "rotate_webhook_secret": {"overlap_h": 24},
    "replay_failed_webhooks": {"since": "{then}"},
    "create_key": {"label": "Till at Bugis", "scopes": ["orders:read", "refunds:read"]},
}

#: The same with the client, by operation. `recoup` is made at the top of the page.
PYTHON: dict[str, str] = {
    "get_company": "company = recoup.company()\nprint(company.name, company.is_practice)",
    "put_order": "order = recoup.orders.put({body})\nprint(order.number, order.paid_minor)",
    "put_orders": "results = recoup.orders.put_many([{first_order}])\nprint(results[0].outcome)",
    "get_order": "order = recoup.orders.get({number})\nprint(order.lines[0].quantity_free)",
    "list_orders": "for order in recoup.orders.list(limit=20):\n    print(order.number)",
    "create_refund": 'refund = recoup.refunds.create(\n{arguments}\n    idempotency_key="return-2026-000482",\n)\n'
    "print(refund.number, refund.state, refund.amount_minor)",
    "list_refunds": 'for refund in recoup.refunds.list(state="in_review", limit=20):\n    print(refund.number)',
    "get_refund": "refund = recoup.refunds.get({case_id})\nprint(refund.state, refund.payouts, refund.timeline)",
    "withdraw_refund": "refund = recoup.refunds.withdraw({case_id})\nprint(refund.state)",
    "show_evidence": "refund = recoup.refunds.show_evidence(\n    {case_id},\n"
    '    words="The handle came off.",  # photos=[Path("handle.jpg").read_bytes()]\n)\nprint(refund.state)',
    "give_guest_token": "given = recoup.refunds.give_guest_token({case_id})\n"
    "print(given.expires_at)  # given.token is shown this once",
    "revoke_guest_tokens": "recoup.refunds.revoke_guest_tokens({case_id})",
    "appeal_refund": "refund = recoup.refunds.appeal(\n    {case_id},\n{arguments}\n)\nprint(refund.state)",
    "approve_refund": "refund = recoup.refunds.approve(\n    {case_id},\n{arguments}\n)\nprint(refund.amount_minor)",
    "reject_refund": "refund = recoup.refunds.reject(\n    {case_id},\n{arguments}\n)\nprint(refund.state)",
    "ask_evidence": "refund = recoup.refunds.ask_evidence(\n    {case_id},\n{arguments}\n)\nprint(refund.state)",
    "grade_goods": "refund = recoup.refunds.grade_goods(\n    {case_id},\n{arguments}\n)\nprint(refund.state)",
    "list_webhook_endpoints": "for endpoint in recoup.webhook_endpoints.list():\n    print(endpoint.url)",
    "create_webhook_endpoint": "made = recoup.webhook_endpoints.create(\n{arguments}\n)\n"
    "print(made.id)  # made.secret is shown this once",
    "get_webhook_endpoint": "endpoint = recoup.webhook_endpoints.get({endpoint_id})\nprint(endpoint.is_enabled)",
    "change_webhook_endpoint": "recoup.webhook_endpoints.change(\n    {endpoint_id},\n{arguments}\n)",
    "remove_webhook_endpoint": "recoup.webhook_endpoints.remove({endpoint_id})",
    "rotate_webhook_secret": "made = recoup.webhook_endpoints.rotate_secret(\n    {endpoint_id},\n{arguments}\n)\n"
    "print(made.old_secret_until)  # until then, both sign",
    "test_webhook_endpoint": "print(recoup.webhook_endpoints.test({endpoint_id}))",
    "list_webhook_deliveries": "for delivery in recoup.webhook_endpoints.deliveries({endpoint_id}, limit=20):\n"
    "    print(delivery.type, delivery.state)",
    "replay_webhook_delivery": "recoup.webhook_endpoints.replay({endpoint_id}, {delivery_id})",
    "create_key": "made = recoup.keys.create(\n{arguments}\n)\nprint(made.id)  # made.secret is shown this once",
    "rotate_key": "made = recoup.keys.rotate({key_id})\nprint(made.id)  # the old key works another day",
    "revoke_key": "recoup.keys.revoke({key_id})",
}

_REFUND = {
    "id": "01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58",
    "number": "RC-7KQ4-M2XD",
    "order_number": ORDER_NUMBER,
    "state": "approved",
    "goods_state": "not_required",
    "reason": "missing_item",
    "currency": "SGD",
    "amount_requested_minor": 1250,
    "amount_minor": 1250,
    "reason_code": "within_policy",
    "rule": "usual",
    "explanation": "Approved: S$12.50. Your request is within the shop's refund policy.",
    "asks": [],
    "is_granted": True,
    "is_decided": True,
    "requested_at": "{then}",
    "decided_at": "{then}",
    "initiated_at": None,
    "credited_at": None,
    "closed_at": None,
}
_KEY = {"id": "01983c6e-0b44-7a11-8c8e-1d5a0f3b7c20", "secret": "rk_shown-this-once"}

#: What is answered, by operation; and by operation and status where there are several.
ANSWERS: dict[str, Any] = {
    "get_company": {
        "id": "01983c6e-0000-7a11-8c8e-1d5a0f3b7c20",
        "slug": "merlion-home",
        "name": "Merlion Home",
        "country": "SG",
        "currency": "SGD",
        "is_practice": True,
    },
    "put_orders": {"results": [{"index": 0, "number": ORDER_NUMBER, "outcome": "new", "id": _LINE, "problem": None}]},
    "create_refund": _REFUND,
    "list_refunds": {"data": [_REFUND], "next_cursor": None},
    "get_refund": {
        **_REFUND,
        "lines": [
            {
                "line_id": _LINE,
                "quantity": 1,
                "quantity_granted": 1,
                "amount_requested_minor": 1250,
                "amount_minor": 1250,
            }
        ],
        "payouts": [],
        "timeline": [{"kind": "case.opened", "at": "{then}", "by": "key"}],
    },
    "withdraw_refund": {**_REFUND, "state": "withdrawn", "amount_minor": 0, "is_granted": False},
    "appeal_refund": {**_REFUND, "state": "in_review", "amount_minor": 0, "is_granted": False, "is_decided": False},
    "approve_refund": _REFUND,
    "approve_refund 202": {
        **_REFUND,
        "state": "in_review",
        "amount_minor": 0,
        "is_granted": False,
        "is_decided": False,
        "approval": {
            "code": "second_approver_needed",
            "detail": "Your yes is kept, and nothing is paid yet: it takes a second person who may approve this much",
            "whys": ["above_limit"],
            "people_needed": 1,
            "amount_minor": 1250,
            "currency": "SGD",
            "said_at": "{then}",
        },
    },
    "reject_refund": {**_REFUND, "state": "rejected", "amount_minor": 0, "is_granted": False},
    "ask_evidence": {**_REFUND, "state": "needs_evidence", "amount_minor": 0, "is_granted": False, "is_decided": False},
    "grade_goods": {**_REFUND, "goods_state": "graded_ok"},
    "authorize": {
        "principalId": f"key:{_KEY['id']}",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": "arn:aws:execute-api:ap-southeast-1:123456789012:abcdef123/prod/GET/api/v1/refunds",
                }
            ],
        },
        "context": {
            "actor": f"key:{_KEY['id']}",
            "company": "01983c6e-0000-7a11-8c8e-1d5a0f3b7c20",
            "action": "cases:read",
            "allowed": True,
            "policies": "scope-refunds-read",
            "reason": "the scope refunds:read looks at refunds",
        },
    },
    "create_key": _KEY,
    "rotate_key": _KEY,
    "revoke_key": {"id": _KEY["id"], "is_revoked": True},
}


def put_into(operation: dict[str, Any], *, today: date, schemas: dict[str, Any]) -> None:
    """The operation has an example of its body and of its answer."""
    then = f"{today - timedelta(days=DAYS_AGO)}T09:30:00+08:00"
    name = operation["operationId"]
    body = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if body is not None and "example" not in body:
        body["example"] = _dated(REQUESTS.get(name, made_of(body["schema"], schemas)), then)
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get(JSON)
        if status < "300" and content is not None and "example" not in content:
            known = ANSWERS.get(f"{name} {status}", ANSWERS.get(name, made_of(content["schema"], schemas)))
            content["example"] = _dated(known, then)


def samples(method: str, path: str, operation: dict[str, Any]) -> list[dict[str, str]]:
    """The operation called by curl and by the Python client, as `x-codeSamples` has it."""
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example")
    return [
        {"lang": "Shell", "label": "curl", "source": _curl(method, path, operation, body)},
        {"lang": "Python", "label": "Python", "source": _python(method, path, operation, body)},
    ]


def _curl(method: str, path: str, operation: dict[str, Any], body: Any) -> str:
    address = _PLACE.sub(lambda found: f"${found[1].upper()}", path)
    asked = "&".join(
        f"{parameter['name']}={parameter['example']}"
        for parameter in operation["parameters"]
        if parameter["in"] == "query" and "example" in parameter
    )
    lines = [f'curl "$RECOUP_URL{address}{"?" if asked else ""}{asked}"']
    if method != "GET":
        lines[0] = lines[0].replace("curl ", f"curl -X {method} ", 1)
    if operation.get("security"):
        lines.append('-H "Authorization: Bearer $RECOUP_API_KEY"')
    lines += [
        f'-H "{parameter["name"]}: {parameter.get("example", "")}"'
        for parameter in operation["parameters"]
        if parameter["in"] == "header" and parameter.get("required")
    ]
    if body is not None:
        told = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
        lines += ['-H "Content-Type: application/json"', f"-d '{told}'"]
    return " \\\n  ".join(lines)


def _python(method: str, path: str, operation: dict[str, Any], body: Any) -> str:
    template = PYTHON.get(operation["operationId"])
    if template is None:
        template = 'answer = recoup.call("{method}", {path}{told})\nprint(answer)'
    written = {
        "method": method,
        "path": _path(path),
        "told": "" if body is None else f", {_written(body)}",
        "body": "" if body is None else _written(body),
        "first_order": _written(body["orders"][0]) if isinstance(body, dict) and "orders" in body else "",
        "arguments": "\n".join(f"    {name}={_written(value, 4)}," for name, value in (body or {}).items())
        if isinstance(body, dict)
        else "",
    }
    written |= {name: f'os.environ["{name.upper()}"]' for name in _PLACE.findall(path)}
    return re.sub(r"{(\w+)}", lambda found: written[found[1]], template)


def _path(path: str) -> str:
    plain = path.removeprefix("/api/v1")
    if "{" not in plain:
        return json.dumps(plain)
    return 'f"' + _PLACE.sub(lambda found: "{os.environ['" + found[1].upper() + "']}", plain) + '"'


def _written(value: Any, indent: int = 0) -> str:
    """JSON values as Python writes them, one member a line."""
    lines = (
        json.dumps(value, indent=4, ensure_ascii=False)
        if isinstance(value, dict)
        else json.dumps(value, ensure_ascii=False)
    )
    told = re.sub(r"(?<=[:\[ ])(true|false|null)(?=[,\]}\n]|$)", lambda found: _WORDS[found[1]], lines)
    told = _WORDS.get(told, told)
    return told.replace("\n", "\n" + " " * indent)


_WORDS = {"true": "True", "false": "False", "null": "None"}


def _dated(example: Any, then: str) -> Any:
    if isinstance(example, dict):
        return {name: _dated(value, then) for name, value in example.items()}
    if isinstance(example, list):
        return [_dated(value, then) for value in example]
    return {"{then}": then, "{hook}": _hook()}.get(example, example) if isinstance(example, str) else example


def _hook() -> str:
    """Somewhere that may be sent to: in practice, what the practice town shows at /hooks."""
    inside = sorted(settings.CALLBACK_INSIDE)
    return f"{inside[0]}/hooks/example" if inside else "https://hooks.shop.example.com/recoup"


def made_of(schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Any:
    """Some value that the schema allows, as short as it can be."""
    if "$ref" in schema:
        return made_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, depth)
    for given in ("example", "default", "const"):
        if given in schema:
            return schema[given]
    if "examples" in schema or "enum" in schema:
        return (schema.get("examples") or schema["enum"])[0]
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return made_of(choices[0], schemas, depth)
    return _made_of_type(schema, schemas, depth)


def _made_of_type(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "object":
            is_answer = depth == 0
            names = schema.get("properties", {}) if is_answer else schema.get("required", ())
            return {name: made_of(schema["properties"][name], schemas, depth + 1) for name in names}
        case "array":
            return [made_of(schema["items"], schemas, depth + 1)] if schema.get("items") else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
    return {
        "uuid": _REQUEST_ID,
        "date-time": "2026-11-20T09:30:00+08:00",
        "uri": "https://shop.example.com/recoup",
    }.get(schema.get("format", ""), "text"[: schema.get("maxLength", 4)])
