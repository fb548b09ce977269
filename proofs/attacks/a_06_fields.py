"""A-06: no field is set that nobody offered, and none is shown that the document does not name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from proofs.attacks import cells, matrix
from proofs.attacks.a_02_roles import WORKERS, quiet
from proofs.attacks.cells import World
from proofs.attacks.ground import Ground
from proofs.attacks.matrix import Row
from proofs.attacks.seen import Seen

NAME = "A-06"
TITLE = "No field is set that nobody offered, none shown that nobody asked for"

#: Names that other systems have been opened with, besides those of all our tables.
KNOWN = ("status", "amount", "tenant_id", "merchant_id", "is_staff", "is_superuser", "approved_by", "role", "__proto__")
#: Nothing of this is anybody's business, under whatever name it may come.
SECRET = ("hash", "sealed", "secret", "password", "lease", "fence", "token")
#: A time, not a secret.
NO_SECRETS = {"old_secret_until"}
#: An event of AWS, in AWS's shape: it may carry anything, and we read what we know.
OTHERS = "/api/v1/authorizer"


def run(ground: Ground, seen: Seen) -> None:
    """Every field of every table, on every write; then every answer beside the document's own list of fields."""
    world = cells.world(ground)
    names = sorted({*KNOWN, *_fields()})
    writes = [row for row in matrix.rows() if row.is_api and row.path != OTHERS and world.body(row) is not None]
    asked = [(row, world.own.known(row), world.body(row)) for row in writes]
    key = ground.one.key()
    quiet(ground)

    def post_all(url: str | None = None) -> Iterator[tuple[Row, str]]:
        for row, address, body in asked:
            offered = set(_schema(world, row)["properties"])
            extra = {name: _value(name) for name in names if name not in offered}
            answer = ground.call(row.method, address, key=key, json=extra | body, url=url)
            if answer.status_code != 400:
                yield row, f"{answer.status_code} with {len(extra)} fields too many"
            for name in sorted(extra) if not ground.is_short else [one for one in KNOWN if one in extra]:
                answer = ground.call(row.method, address, key=key, json=body | {name: extra[name]}, url=url)
                if answer.status_code != 400:
                    yield row, f"{name} alone: {answer.status_code}"

    found: list[tuple[Row, str]] = []
    changed = ground.changed(lambda: found.extend(post_all()), but=WORKERS)
    seen.checks += len(asked) * (len(KNOWN) if ground.is_short else len(names))
    for row, words in found:
        seen.expect(False, f"{row.method} {row.path}: {words}")
    seen.expect(not changed, f"fields that nobody offered changed {sorted(changed)}")
    _answers(world, seen)
    with ground.broken("takes_any_field") as url:
        seen.control(list(post_all(url)), "a web that takes any field")
    world.tidy()


def _answers(world: World, seen: Seen) -> None:
    """Each answer has the fields of the document and no other, and none of a secret's name."""
    for row in matrix.rows():
        if not row.is_api or row.method != "GET":
            continue
        answer = world.ground.call("GET", world.own.known(row), key=world.ground.one.key())
        seen.expect(answer.ok, f"{row.path}: {answer.status_code}")
        schema = world.document["paths"][row.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for words in _beyond(world, answer.json(), schema, ""):
            seen.expect(False, f"{row.path} shows {words}")
        for name in _names(answer.json()):
            fine = name in NO_SECRETS or not any(word in name for word in SECRET)
            seen.expect(fine, f"{row.path} shows {name}")


def _beyond(world: World, told: Any, schema: dict[str, Any], place: str) -> Iterator[str]:
    """Fields of an answer that its schema does not name."""
    schema = _resolved(world, schema)
    if isinstance(told, list):
        for each in told:
            yield from _beyond(world, each, schema.get("items", {}), f"{place}[]")
        return
    if not isinstance(told, dict) or "properties" not in schema:
        return
    for name, value in told.items():
        if name in schema["properties"]:
            yield from _beyond(world, value, schema["properties"][name], f"{place}.{name}")
        else:
            yield f"{place}.{name}"


def _resolved(world: World, schema: dict[str, Any]) -> dict[str, Any]:
    for one in (schema, *schema.get("anyOf", ())):
        if "$ref" in one:
            return dict(world.document["components"]["schemas"][one["$ref"].rsplit("/", 1)[1]])
    return next((one for one in schema.get("anyOf", ()) if "items" in one), schema)


def _names(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        yield from told
        told = list(told.values())
    if isinstance(told, list):
        for each in told:
            yield from _names(each)


def _schema(world: World, row: Row) -> dict[str, Any]:
    operation = world.document["paths"][row.path][row.method.lower()]
    schema = _resolved(world, operation["requestBody"]["content"]["application/json"]["schema"])
    return schema if "properties" in schema else {"properties": {}}


def _fields() -> set[str]:
    from django.apps import apps

    ours = (model for model in apps.get_models() if model.__module__.startswith("recoup."))
    return {field.attname for model in ours for field in model._meta.concrete_fields}  # noqa: SLF001 - documented


def _value(name: str) -> object:
    if name.endswith("_id") or name == "id":
        return str(uuid4())
    return 1 if name.endswith(("_minor", "amount", "quantity")) else name.startswith("is_") or "approved"
