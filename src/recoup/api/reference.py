"""The reference at `/developers`, made of the OpenAPI document: whatever joins the API is on it by itself."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from recoup.access import doors
from recoup.api import document as documents
from recoup.api import telling
from recoup.api.v1 import api

_CODE = re.compile(r"`([^`]+)`")
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A parameter, or a member of a shape. `link` leads to the shape that it is or holds."""

    name: str
    kind: str
    is_required: bool
    words: SafeString
    place: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One status. `codes` are (code, title) of a refusal; `example` is JSON as text."""

    status: str
    words: SafeString
    codes: tuple[tuple[str, str], ...] = ()
    shape: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An example to copy. `id` is unique on the page, for the button."""

    id: str
    label: str
    language: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    words: tuple[SafeString, ...]
    parameters: tuple[Member, ...]
    body: str
    members: tuple[Member, ...]
    successes: tuple[Answer, ...]
    refusals: tuple[Answer, ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The operations of one tag."""

    name: str
    title: str
    words: str
    operations: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A schema with a name; `kind` says in words what it is when it has no members."""

    name: str
    words: SafeString
    kind: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header of answers."""

    name: str
    words: SafeString
    example: str


@doors.open_to_all
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The whole reference on one page."""
    return render(request, "developers/reference.html", _contents(api.get_openapi_schema()))


#: Examples of the sections that are about the API as a whole.
GENERAL: dict[str, str] = {
    "start_shell": "export RECOUP_URL={url}\nexport RECOUP_API_KEY=rk_...",
    "start_shell_demo": "export RECOUP_URL={url}\n"
    "export RECOUP_API_KEY=$(grep -o 'rk_[A-Za-z0-9_-]*' var/recoup/demo.json | head -1)",
    "start_python": """\
import os

from recoup_client import Recoup

recoup = Recoup(api_key=os.environ["RECOUP_API_KEY"], base_url=os.environ["RECOUP_URL"])
print(recoup.company().name)""",
    "pagination_python": """\
for refund in recoup.refunds.list(order_number="EX-20481"):
    print(refund.number)""",
    "webhooks_python": """\
import time

from recoup_client import WebhookVerifier
from recoup_client.webhooks import sign

verifier = WebhookVerifier("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")  # give both while one replaces the other


def receive(body: bytes, headers: dict[str, str]) -> None:
    webhook = verifier.verify(body, headers)  # raises BadSignature: answer 400, do nothing
    print(webhook.id, webhook.payload["type"])


# In a test of your own endpoint you are the one who signs:
body, now = b'{"type": "refund.closed"}', int(time.time())
signature = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message_id="msg_1", at=now, body=body)
receive(body, {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signature})""",
}

_made: list[tuple[documents.Document, dict[str, Any]]] = []


def _contents(document: documents.Document) -> dict[str, Any]:
    """What the template shows; made once for each document."""
    if not _made or _made[-1][0] is not document:
        _made[:] = [(document, _content(document))]
    return _made[-1][1]


def _content(document: documents.Document) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    shown: dict[str, list[Shown]] = {}
    for method, path, operation in documents.operations(document):
        shown.setdefault(operation["tags"][0], []).append(_operation(method, path, operation, schemas))
    return {
        "groups": [
            Group(
                name=tag["name"],
                title=tag["name"].replace("-", " ").capitalize(),
                words=tag["description"],
                operations=tuple(shown[tag["name"]]),
            )
            for tag in document["tags"]
            if tag["name"] in shown
        ],
        "codes": documents.codes(document),
        "scopes": sorted({told["x-scope"] for _, _, told in documents.operations(document) if "x-scope" in told}),
        "headers": [
            Header(name=name, words=_words(header["description"]), example=header["example"])
            for name, header in telling.HEADERS.items()
        ],
        "shapes": [
            Shape(
                name=name,
                words=_words(schema.get("description", "")),
                kind="" if "properties" in schema else _kind(schema),
                members=_members(schema),
            )
            for name, schema in sorted(schemas.items())
        ],
        **{name: text.replace("{url}", settings.PUBLIC_URL) for name, text in GENERAL.items()},
        "has_oauth": any(scheme["type"] == "oauth2" for scheme in document["components"]["securitySchemes"].values()),
        "problem": json.dumps(_some_problem(document), indent=2),
    }


def _operation(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Shown:
    name = operation["operationId"]
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
    shape = _name_of(body)
    answers = [_answer(status, answer) for status, answer in operation["responses"].items()]
    return Shown(
        id=name,
        method=method,
        path=path,
        summary=operation["summary"],
        words=tuple(_words(part) for part in operation["description"].split("\n\n")),
        parameters=tuple(
            Member(
                name=parameter["name"],
                kind=_kind(parameter["schema"]),
                is_required=parameter.get("required", False),
                words=_words(parameter.get("description", "")),
                place=parameter["in"],
            )
            for parameter in operation["parameters"]
        ),
        body=shape,
        members=_members(schemas[shape]) if shape else (),
        successes=tuple(answer for answer in answers if answer.status < "300"),
        refusals=tuple(answer for answer in answers if answer.status >= "300"),
        samples=tuple(
            Sample(id=f"{name}-{sample['lang'].lower()}", label=sample["label"], language=sample["lang"].lower(),
                   source=sample["source"])
            for sample in operation["x-codeSamples"]
        ),
    )  # fmt: skip


def _answer(status: str, answer: dict[str, Any]) -> Answer:
    refusal = answer.get("content", {}).get(documents.PROBLEM)
    if refusal is not None:
        codes = tuple((code, example["summary"]) for code, example in refusal["examples"].items())
        return Answer(status=status, words=SafeString(""), codes=codes)
    content = answer.get("content", {}).get(JSON, {})
    example = json.dumps(content["example"], indent=2, ensure_ascii=False) if "example" in content else ""
    return Answer(
        status=status,
        words=_words(answer["description"]),
        shape=_name_of(content.get("schema", {})),
        example=example,
    )


def _members(schema: dict[str, Any]) -> tuple[Member, ...]:
    required = set(schema.get("required", ()))
    return tuple(
        Member(
            name=name,
            kind=_kind(member),
            is_required=name in required,
            words=_words(member.get("description", "")),
            link=_name_of(member),
        )
        for name, member in schema.get("properties", {}).items()
    )


def _kind(schema: dict[str, Any]) -> str:
    """What a value is, in words: `integer, 1 to 200`, `one of damaged, late`, `list of LineIn`."""
    if "$ref" in schema:
        return _name_of(schema)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(_kind(choice) for choice in choices))
    if "enum" in schema:
        return f"one of {', '.join(str(choice) for choice in schema['enum'])}"
    if "const" in schema:
        return f"always {schema['const']}"
    kind = schema.get("type", "any JSON")
    if kind == "array":
        return f"list of {_kind(schema['items'])}" if schema.get("items") else "list"
    told = {"uuid": "UUID", "date-time": "moment", "uri": "address"}.get(schema.get("format", ""), str(kind))
    return f"{told}{_bounds(schema)}"


def _bounds(schema: dict[str, Any]) -> str:
    least = schema.get("minimum", schema.get("minLength"))
    most = schema.get("maximum", schema.get("maxLength"))
    unit = " characters" if "maxLength" in schema or "minLength" in schema else ""
    if least is not None and most is not None:
        return f", {least:,} to {most:,}{unit}"
    if most is not None:
        return f", at most {most:,}{unit}"
    return f", at least {least:,}{unit}" if least is not None else ""


def _name_of(schema: dict[str, Any]) -> str:
    """The named shape that this is, or is a list of; empty for none."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    inner = [schema["items"]] if schema.get("items") else schema.get("anyOf", ())
    return next((name for choice in inner if (name := _name_of(choice))), "")


def _words(text: str) -> SafeString:
    """Prose with `code` in it, as HTML."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))  # noqa: S308 - escaped first


def _some_problem(document: documents.Document) -> Any:
    (create,) = [told for _, _, told in documents.operations(document) if told["operationId"] == "create_refund"]
    return create["responses"]["422"]["content"][documents.PROBLEM]["examples"]["over_refund"]["value"]
