"""The OpenAPI 3.1 document of `/api/v1`: what ninja knows of each endpoint, and everything it does not.

Endpoints say what is theirs alone (`recoup.access.documented`). Here every operation gets what all of them share:
refusals as problem documents with their codes, the headers of limits, examples. `/developers` is made of the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from recoup.access import limits, origins, policies
from recoup.access.documented import REFUSALS
from recoup.access.doors import ApiKeyAuth, NotAllowed, NotSignedIn
from recoup.api import examples, messages, problems, schemes, telling
from recoup.kernel.errors import Invalid, NotFound, Refusal

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A refusal as readers know it."""

    status: int
    code: str
    title: str


#: Told before an endpoint is reached, by programs that this one does not import (`web.front`), and by our mistakes.
BAD_MEDIA_TYPE = Code(
    415, "unsupported_media_type", "Send JSON as it is: Content-Type: application/json, without Content-Encoding"
)
WRONG_HOST = Code(400, "wrong_host", "There is no such host here")
INTERNAL = Code(500, "internal", "Something broke on our side")


class Document(OpenAPISchema):
    """The document, complete."""

    def __init__(self, api: Any, path_prefix: str, *, today: date) -> None:
        super().__init__(api, path_prefix)
        self["tags"] = _tags(self)
        self["components"]["schemas"] |= messages.schemas() | telling.SCHEMAS
        self["webhooks"] = messages.section()
        self["components"]["headers"] = telling.HEADERS
        self["components"]["securitySchemes"] = schemes.components()
        for method, path, operation in operations(self):
            operation["security"] = schemes.of_operation(path=path, action=operation["x-action"])
            if {schemes.GUEST: []} in operation["security"]:
                operation["description"] += "\n\nA guest token opens it too."
            examples.put_into(operation, today=today, schemas=self["components"]["schemas"])
            operation["x-codeSamples"] = examples.samples(method, path, operation)
        self["components"] = self.pop("components")  # looked up, not read: they come last

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        """One operation with every answer that it can give."""
        told = deepcopy(super().operation_details(operation))
        own = [code_of(kind) for kind in told.pop(REFUSALS, ())]
        has_body = set(operation.methods) - {"GET", "HEAD"}
        has_path = any(parameter["in"] == "path" for parameter in told["parameters"])
        asked = [auth.action for auth in operation.auth_callbacks if isinstance(auth, ApiKeyAuth) and auth.action]
        for action in asked:
            scope = policies.action(action).scope
            told["x-action"] = action
            if scope:
                told["x-scope"] = scope
                told["description"] = f"{told.get('description', '')}\n\nNeeds the scope `{scope}`.".strip()
        for parameter in told["parameters"]:
            _describe(parameter)
        codes = {*_always(is_open=not asked), *(_with_body() if has_body else ()), *own}
        if has_path:
            codes.add(code_of(NotFound))
        _dress_successes(told)
        for status in sorted({code.status for code in codes}):
            told["responses"][status] = _refusals([code for code in sorted(codes) if code.status == status])
        told["responses"] = {str(status): answer for status, answer in sorted(told["responses"].items())}
        return told


def code_of(kind: type[Refusal]) -> Code:
    """The refusal as readers know it."""
    return Code(kind.status, kind.code, kind.title)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of a document, in its order."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method.upper(), path, operation


def codes(document: dict[str, Any]) -> list[Code]:
    """Every code that the document knows, by status."""
    found = set()
    for _, _, operation in operations(document):
        for status, answer in operation["responses"].items():
            for code, example in answer.get("content", {}).get(PROBLEM, {}).get("examples", {}).items():
                found.add(Code(int(status), code, example["summary"]))
    return sorted(found)


def _always(*, is_open: bool) -> Iterable[Code]:
    shared: list[type[Refusal]] = [Invalid, limits.RateLimited, problems.TryAgain]
    if not is_open:
        shared += [NotSignedIn, NotAllowed, origins.OriginNotAllowed]
    return (*(code_of(kind) for kind in shared), WRONG_HOST, INTERNAL)


def _with_body() -> Iterable[Code]:
    return (code_of(problems.TooLarge), BAD_MEDIA_TYPE)


def _refusals(refusals: list[Code]) -> dict[str, Any]:
    status = refusals[0].status
    names = sorted({refusal.code for refusal in refusals})
    headers = dict.fromkeys(("X-Request-Id", *telling.HEADERS_OF_STATUS.get(status, ())), None)
    return {
        "description": "; ".join(f"`{refusal.code}`: {refusal.title}" for refusal in refusals),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {
            PROBLEM: {
                "schema": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"properties": {"status": {"const": status}, "code": {"enum": names}}},
                    ]
                },
                "examples": {
                    refusal.code: {"summary": refusal.title, "value": _problem(refusal)} for refusal in refusals
                },
            }
        },
    }


def _problem(refusal: Code) -> dict[str, Any]:
    return {
        "type": f"https://recoup.example/problems/{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.title,
        "code": refusal.code,
        "request_id": "01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58",
    }


def _dress_successes(told: dict[str, Any]) -> None:
    names = list(telling.ON_SUCCESS)
    if any(parameter["name"] == "Idempotency-Key" for parameter in told["parameters"]):
        names.append("Idempotent-Replayed")
    for status, answer in told["responses"].items():
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        answer["description"] = telling.SUCCESSES.get((told["operationId"], status), answer["description"])


def _describe(parameter: dict[str, Any]) -> None:
    parameter["schema"].pop("title", None)
    known = telling.PATH_PARAMETERS.get(parameter["name"])
    if known and parameter["in"] == "path":
        parameter.setdefault("description", known[0])
        parameter.setdefault("example", known[1])


def _tags(document: dict[str, Any]) -> list[dict[str, str]]:
    used = dict.fromkeys(tag for _, _, operation in operations(document) for tag in operation.get("tags", ()))
    return [{"name": tag, "description": telling.TAGS.get(tag, "")} for tag in used]
