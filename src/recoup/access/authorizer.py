"""The one question in front of every door: may this principal do this with that? Arithmetic, no database.

The answer comes from the Cedar files under `policies/`. What is not allowed there is denied, and a `forbid` beats
every `permit`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cedarpy

from recoup.access import policies
from recoup.access.policies import Rules
from recoup.access.principals import Kind, Principal
from recoup.access.resources import NOTHING_ELSE, Circumstances, Resource

#: Decisions remembered by the whole question. Nothing about who somebody is or what they may is looked up from here,
#: so an answer can only be as old as what the door knew of the asker.
REMEMBERED_MAX = 4096

_TYPES = {
    Kind.KEY: "Key",
    Kind.CLIENT: "Client",
    Kind.PERSON: "Person",
    Kind.GUEST: "Guest",
    Kind.ANONYMOUS: "Anonymous",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """May they? `policies` are the ids of those that decided, `reason` why in words, `instead` what would help."""

    is_allowed: bool
    policies: tuple[str, ...]
    reason: str
    instead: str = ""


def decide(
    *, principal: Principal, action: str, resource: Resource, circumstances: Circumstances = NOTHING_ELSE
) -> Decision:
    """The decision. Actions on payouts, roles and keys are decided anew each time. Raises UnknownAction."""
    rules = policies.rules()
    if policies.action(action).is_fresh:
        return _ask(rules, principal, action, resource, circumstances)
    return _remembered(rules, principal, action, resource, circumstances)


def _ask(rules: Rules, principal: Principal, action: str, resource: Resource, circumstances: Circumstances) -> Decision:
    kind, name = _TYPES[principal.kind], str(principal.id)
    groups = [{"type": "Action", "id": group} for group in policies.action(action).groups]
    answer = cedarpy.is_authorized(
        {
            "principal": {"type": kind, "id": name},
            "action": {"type": "Action", "id": action},
            "resource": {"type": resource.kind, "id": resource.id},
            "context": json.dumps(circumstances.attributes()),
        },
        rules.parsed,
        json.dumps(
            [
                {"uid": {"type": kind, "id": name}, "attrs": _attributes(principal), "parents": _parents(principal)},
                {"uid": {"type": resource.kind, "id": resource.id}, "attrs": resource.attributes(), "parents": []},
                {"uid": {"type": "Action", "id": action}, "attrs": {}, "parents": groups},
            ]
        ),
    )
    told = answer.diagnostics
    if told.errors:
        # A policy that could not be evaluated is a defect; nobody passes on account of the others.
        return Decision(is_allowed=False, policies=(), reason="a policy could not be evaluated")
    return _in_words(rules, principal, action, answer.allowed, sorted(told.id_annotations_by_reason.values()))


_remembered = lru_cache(maxsize=REMEMBERED_MAX)(_ask)


def forget_decisions() -> None:
    """Every question is asked anew: for measures."""
    _remembered.cache_clear()


def _in_words(rules: Rules, principal: Principal, action: str, is_allowed: bool, deciding: list[str]) -> Decision:
    decided = [rules.policies[name] for name in deciding]
    if not decided:
        return Decision(
            is_allowed=False,
            policies=(),
            reason=f"no policy lets {in_words(principal)} do this: {policies.action(action).words.lower()}",
            instead=_instead(principal, action),
        )
    return Decision(
        is_allowed=is_allowed,
        policies=tuple(deciding),
        reason="; ".join(policy.because for policy in decided),
        instead=" ".join(policy.instead for policy in decided),
    )


def in_words(principal: Principal) -> str:
    """What somebody is, for a sentence: no name, no address."""
    match principal.kind:
        case Kind.KEY:
            return f"a key with {_listed(principal.scopes)}"
        case Kind.CLIENT:
            return f"a client with {_listed(principal.scopes)}"
        case Kind.PERSON:
            if principal.role in ("booth", "support"):
                return f"{principal.role} staff"
            article = "an" if principal.role[:1] in "aeiou" else "a"
            return f"{article} {principal.role}"
        case Kind.GUEST:
            return "a guest with the link to a case" if principal.case_id else "a guest"
        case _:
            return "somebody who is not signed in"


def _listed(scopes: frozenset[str]) -> str:
    return f"the scopes {', '.join(sorted(scopes))}" if scopes else "no scopes"


def _instead(principal: Principal, action: str) -> str:
    scope = policies.action(action).scope
    if principal.kind in (Kind.KEY, Kind.CLIENT):
        return f"It needs the scope {scope}." if scope else "No key can do this: a person has to."
    if principal.kind is Kind.PERSON:
        return "Another role is needed; a manager of the company gives roles."
    return ""


def _attributes(principal: Principal) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if principal.merchant_id is not None:
        told["company"] = str(principal.merchant_id)
    match principal.kind:
        case Kind.KEY | Kind.CLIENT:
            told["scopes"] = sorted(principal.scopes)
        case Kind.GUEST:
            told["email"] = principal.email.lower()
            if principal.case_id is not None:
                told["case"] = str(principal.case_id)
        case Kind.PERSON:
            told |= {
                "person": str(principal.id),
                "email": principal.email.lower(),
                "has_second_factor": principal.has_second_factor,
                "is_recent": principal.is_recent,
                "by_token": principal.by_token,
                "scopes": sorted(principal.scopes),
            }
    return told


def _parents(principal: Principal) -> list[dict[str, str]]:
    match principal.kind:
        case Kind.KEY | Kind.CLIENT:
            return [{"type": "Scope", "id": scope} for scope in sorted(principal.scopes)]
        case Kind.PERSON | Kind.GUEST:
            return [{"type": "Role", "id": principal.role}]
        case _:
            return []
