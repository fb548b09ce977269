"""A-06: no field is set that nobody offered, and none is shown that the document does not name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from proofs.attacks import cells, fields, matrix
from proofs.attacks.a_02_roles import WORKERS, quiet
from proofs.attacks.apps import AppAtWork
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
EVERY_SCOPE = "a key of every scope"
#: What apps that only look ask for.
READING = ("orders:read", "refunds:read")


def run(ground: Ground, seen: Seen) -> None:
    """Every field of every table, on every write; then every answer, to everybody who is let in, beside the list."""
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
    """Whoever is let in is shown what the list says and no more (`fields.txt`), whatever role they have there."""
    readers = dict(_readers(world))
    addresses = {row: world.own.known(row) for row in matrix.rows() if row.is_api and row.method == "GET"}
    for who, secret in readers.items():
        met = 0
        for row, words in _too_much(world, addresses, secret):
            met += 1
            seen.expect(not words, f"{row.path} shows {who} {words}")
        seen.expect(met == len(addresses) if who == EVERY_SCOPE else met > 1, f"{who} was shown {met} addresses")
    with world.ground.broken("odd_answers", str(world.ground.one.id)) as url:
        few = {row: address for row, address in addresses.items() if row.path == "/api/v1/refunds/{case_id}"}
        found = [words for _, words in _too_much(world, few, readers[EVERY_SCOPE], url=url)]
        seen.control(found == [["internal_note"]], "a web that shows a note of ours")


def _readers(world: World) -> Iterator[tuple[str, str]]:
    """Every kind of caller that the API knows: keys, a company's own program, its people through an app."""
    ground = world.ground
    yield EVERY_SCOPE, ground.one.key()
    yield "a key that reads", ground.one.key("orders:read", "refunds:read")
    yield "a company's own program", AppAtWork(ground, ground.one, "server", READING).own_token()
    app = AppAtWork(ground, ground.one, scopes=READING)
    for role in matrix.ROLES:
        given = app.let_in_by(world.browsers[f"{role} of one"], scope=" ".join(("openid", *READING)))
        yield f"{role} through an app", str(given["access_token"])


def _too_much(
    world: World, addresses: Mapping[Row, str], secret: str, *, url: str | None = None
) -> Iterator[tuple[Row, list[str]]]:
    """What each address that lets them in shows beyond its list, or by a secret's name."""
    listed = fields.listed()
    for row, address in addresses.items():
        answer = world.ground.call("GET", address, key=secret, url=url)
        if answer.status_code == 403:
            continue
        if not answer.ok:
            yield row, [str(answer.status_code)]
            continue
        told = answer.json()
        found = fields.beyond(told, listed[f"{row.method} {row.path}"])
        found += [name for name in _names(told) if name not in NO_SECRETS and any(word in name for word in SECRET)]
        yield row, found


def _resolved(world: World, schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return dict(world.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


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
