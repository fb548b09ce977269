"""What each answer of the JSON API shows: `fields.txt`, read by people, held against the document and real answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("fields.txt")


def listed() -> dict[str, frozenset[str]]:
    """`GET /api/v1/company` -> the names that its answer may show, `lines[].sku` for those inside."""
    found: dict[str, set[str]] = {}
    names: set[str] = set()
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            names.update(line.split())
        else:
            names = found.setdefault(" ".join(line.split()), set())
    return {address: frozenset(told) for address, told in found.items()}


def documented(document: dict[str, Any]) -> dict[str, frozenset[str]]:
    """The same, as the OpenAPI document has it: of every answer that is no refusal."""
    found = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            shown: set[str] = set()
            for status, answer in operation["responses"].items():
                content = answer.get("content", {}).get("application/json")
                if status.startswith("2") and content:
                    shown.update(_of_schema(document, content["schema"], ""))
            found[f"{method.upper()} {path}"] = frozenset(shown)
    return found


def shown(told: Any, place: str = "") -> Iterator[str]:
    """The names in a real answer."""
    if isinstance(told, list):
        for each in told:
            yield from shown(each, f"{place}[]")
    elif isinstance(told, dict):
        for name, value in told.items():
            here = f"{place}.{name}" if place else name
            yield here
            yield from shown(value, here)


def beyond(told: Any, names: frozenset[str]) -> list[str]:
    """What an answer shows that is not on its list. What is inside a free form (a `data`, say) is that form's."""
    forms = tuple(name[:-1] for name in names if name.endswith(".*"))
    return sorted(name for name in set(shown(told)) - names if not name.startswith(forms or ("\0",)))


def _of_schema(document: dict[str, Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _of_schema(document, one, place)
    if "items" in schema:
        yield from _of_schema(document, schema["items"], f"{place}[]")
    if place and schema.get("type") == "object" and "properties" not in schema:
        yield f"{place}.*"
    for name, inside in schema.get("properties", {}).items():
        here = f"{place}.{name}" if place else name
        yield here
        yield from _of_schema(document, inside, here)
