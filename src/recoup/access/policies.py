"""The files under `policies/`, read and parsed once per process: the policies, and the one list of actions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cedarpy

FOLDER = Path(__file__).resolve().parents[3] / "policies"
SCHEMA = "recoup.cedarschema"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One rule: whether it allows or forbids, why in words, what would have to change, and where it stands."""

    id: str
    effect: str
    because: str
    instead: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that can be asked for. `scope` is what a key needs for it; empty when no key can do it."""

    name: str
    words: str
    scope: str
    groups: tuple[str, ...]
    resources: tuple[str, ...]

    @property
    def is_fresh(self) -> bool:
        """It is decided anew each time, by somebody who was looked up anew."""
        return "fresh" in self.groups

    @property
    def needs_recent_proof(self) -> bool:
        return "needs a recent proof" in self.groups


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """Everything that decides. Compared by identity: two readings of the files are two sets of rules."""

    policies: Mapping[str, Policy]
    actions: Mapping[str, Action]
    parsed: cedarpy.PolicySet


class UnknownAction(ValueError):
    """A door names an action that `policies/recoup.cedarschema` does not know."""


def rules() -> Rules:
    """The rules that are in force: those of the files, but in a test that tries others."""
    return _in_force[-1] if _in_force else _of_the_files()


def action(name: str) -> Action:
    """The action of that name. Raises UnknownAction."""
    try:
        return _of_the_files().actions[name]
    except KeyError:
        known = ", ".join(sorted(_of_the_files().actions))
        raise UnknownAction(f"There is no action {name!r}; policies/{SCHEMA} knows {known}") from None


def scopes() -> frozenset[str]:
    """Everything that a key or client can be given."""
    return frozenset(known.scope for known in _of_the_files().actions.values() if known.scope)


def texts() -> dict[str, str]:
    """File name -> text of each file with policies, in the order they are read."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.cedar"))}


def read(files: Mapping[str, str], schema: str) -> Rules:
    """The rules that such files would be. Raises ValueError when they are no Cedar, or a policy has no @id."""
    found: dict[str, Policy] = {}
    for file, text in files.items():
        for told in json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values():
            notes = told.get("annotations", {})
            name = notes.get("id", "")
            if not name or name in found:
                raise ValueError(f"policies/{file}: every policy needs an @id of its own; found {name!r}")
            found[name] = Policy(
                id=name,
                effect=told["effect"],
                because=notes.get("because", ""),
                instead=notes.get("instead", ""),
                file=file,
            )
    return Rules(found, _actions(schema), cedarpy.PolicySet.from_str("\n".join(files.values())))


@contextmanager
def trying(tried: Rules) -> Iterator[None]:
    """Inside, other rules are in force: what would be if a policy were gone. For tests; one thread."""
    _in_force.append(tried)
    try:
        yield
    finally:
        _in_force.pop()


_in_force: list[Rules] = []


@cache
def _of_the_files() -> Rules:
    return read(texts(), (FOLDER / SCHEMA).read_text(encoding="utf-8"))


# Cedar prints a schema in one fixed shape; that shape is read here, so that the file is the only list of actions.
_ACTION = re.compile(
    r'^(?:@doc\("(?P<words>(?:[^"\\]|\\.)*)"\)\n)?action "(?P<name>[^"]+)"(?: in \[(?P<groups>[^\]]*)\])?'
    r"(?: appliesTo \{\s*principal: \[[^\]]*\],\s*resource: \[(?P<resources>[^\]]*)\])?",
    re.MULTILINE,
)
_SCOPE = "scope "


def _actions(schema: str) -> dict[str, Action]:
    found = {}
    for told in _ACTION.finditer(str(cedarpy.Schema.from_str(schema))):
        if told["resources"] is None:
            continue
        groups = tuple(re.findall(r'"([^"]+)"', told["groups"] or ""))
        found[told["name"]] = Action(
            name=told["name"],
            words=(told["words"] or "").replace("\\'", "'").replace('\\"', '"'),
            scope=next((group.removeprefix(_SCOPE) for group in groups if group.startswith(_SCOPE)), ""),
            groups=groups,
            resources=tuple(re.findall(r"\w+", told["resources"])),
        )
    return found
