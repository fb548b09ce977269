"""The authorization matrix: `matrix.txt` as rows, and what is wrong with it beside the addresses there really are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from recoup.access.resources import Resource

TABLE = Path(__file__).with_name("matrix.txt")
ROLES = ("auditor", "booth", "support", "reviewer", "manager")
WORDS = frozenset({*ROLES, "operator", "shopper", "code", "link", "everybody", "own", "key"})
#: A view that does one of several things, by the last word but the payment: a row for each thing.
VERBS = re.compile(r"^/review/\{number\}/([a-z-]+)(/\{payout_id\})?$")
ANY = "ANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One address, and who is let in there."""

    method: str
    path: str
    lets_in: frozenset[str]

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/v1/") and self.method != ANY

    @property
    def is_staffs(self) -> bool:
        return bool(self.lets_in & {*ROLES, "operator"})

    @property
    def verb(self) -> str:
        found = VERBS.match(self.path)
        return found[1] if found else ""


def rows() -> tuple[Row, ...]:
    """The table. Raises ValueError for a line that is none, or an address that stands there twice."""
    found: dict[tuple[str, str], Row] = {}
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        method, path, *lets_in = line.split()
        unknown = {word for word in lets_in if word not in WORDS and ":" not in word}
        if not lets_in or unknown or (method, path) in found:
            raise ValueError(
                f"{TABLE.name}:{number}: {line.strip()!r} {unknown or 'is there twice, or lets nobody in'}"
            )
        found[method, path] = Row(method=method, path=path, lets_in=frozenset(lets_in))
    return tuple(found.values())


def differences(served: Iterable[tuple[str, str]]) -> list[str]:
    """What is wrong with the table beside the addresses that are served, in words that say what to do."""
    known = {(row.method, _served_as(row.path)) for row in rows()}
    prefixes = tuple(path.removesuffix("**") for _, path in known if path.endswith("/**"))
    there = set(served)
    table = f"proofs/attacks/{TABLE.name}"
    missing = [
        f"{method} {path} has no row in {table}: say there who is let in"
        for method, path in sorted(there - known)
        if not path.startswith(prefixes)
    ]
    stale = [
        f"{method} {path} in {table} is no address any more: take the row out"
        for method, path in sorted(known - there)
        if not path.endswith("/**")
    ]
    return missing + stale


def disagreements() -> Iterator[str]:
    """Where the table and the policies say different things, asked in this process for every role and scope."""
    from recoup.access import authorizer, policies
    from recoup.access.principals import Kind, Principal
    from recoup.api import routes

    ours = uuid4()
    askers = {
        scope: Principal(kind=kind, id=uuid4(), merchant_id=ours, scopes=frozenset({scope}))
        for scope in policies.scopes()
        for kind in (Kind.KEY, Kind.CLIENT)
    }
    person = {"kind": Kind.PERSON, "has_second_factor": True, "is_recent": True, "email": "somebody@ours.example"}
    askers |= {role: Principal(id=uuid4(), merchant_id=ours, role=role, **person) for role in ROLES}  # type: ignore[arg-type]
    askers |= {role: Principal(id=uuid4(), role=role, **person) for role in ("operator", "shopper")}  # type: ignore[arg-type]
    asked = {(route.method, route.path): route.actions for route in routes.table()}
    for row in rows():
        if (not row.is_api and not row.is_staffs) or "key" in row.lets_in:
            continue
        actions = _asked_at(row, asked.get((row.method, _served_as(row.path)), ()))
        for name, who in askers.items():
            may = any(
                authorizer.decide(principal=who, action=action, resource=thing).is_allowed
                for action in actions
                for thing in _things(action, ours)
            )
            if may != (name in row.lets_in) and (":" in name) == row.is_api:
                says = "let in" if may else "refuse"
                yield f"{row.method} {row.path}: the policies of {', '.join(actions)} {says} {name}, the table not"


def _asked_at(row: Row, actions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(action for action in actions if not row.verb or action.split(":")[1] == row.verb)


def _served_as(path: str) -> str:
    """The address as the URL configuration has it."""
    found = VERBS.match(path)
    return f"/review/{{number}}/{{verb}}{found[2] or ''}" if found and not found[1].startswith("photos") else path


def _things(action: str, company: UUID) -> list[Resource]:
    from recoup.access import policies
    from recoup.access.resources import PLATFORM, Company

    known: dict[str, Resource] = {"Company": Company(company), "Platform": PLATFORM}
    return [thing for kind, thing in known.items() if kind in policies.action(action).resources]
