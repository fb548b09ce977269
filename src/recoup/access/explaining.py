"""A decision in full: which policies decided, where they stand, why in words, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from recoup.access import authorizer, policies
from recoup.access.principals import Kind, Principal
from recoup.access.resources import NOTHING_ELSE, Circumstances, Resource
from recoup.kernel.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """A policy that decided, and where an auditor finds it."""

    id: str
    effect: str
    because: str
    instead: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer to "may they?", for people and for programs."""

    is_allowed: bool
    action: policies.Action
    principal: Mapping[str, Any]
    resource: Mapping[str, Any]
    circumstances: Mapping[str, Any]
    deciders: tuple[Decider, ...]
    reason: str
    instead: str

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return f"{self.reason[:1].upper()}{self.reason[1:]}."

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "allowed": self.is_allowed,
            "action": {
                "name": self.action.name,
                "words": self.action.words,
                "scope": self.action.scope or None,
                "decided_anew_each_time": self.action.is_fresh,
                "needs_recent_proof": self.action.needs_recent_proof,
            },
            "principal": dict(self.principal),
            "resource": dict(self.resource),
            "circumstances": dict(self.circumstances),
            "policies": [asdict(one) for one in self.deciders],
            "reason": self.why,
            "instead": self.instead,
        }


def explain(
    *, principal: Principal, action: str, resource: Resource, circumstances: Circumstances = NOTHING_ELSE
) -> Explanation:
    """What a door would decide, with everything that it was decided from. Raises Invalid for what is never asked."""
    try:
        known = policies.action(action)
    except policies.UnknownAction as problem:
        raise Invalid(str(problem)) from None
    if resource.kind not in known.resources:
        kinds = ", ".join(kind.lower() for kind in known.resources)
        raise Invalid(f"{action} is never asked about a {resource.kind.lower()}, but about: {kinds}")
    decision = authorizer.decide(principal=principal, action=action, resource=resource, circumstances=circumstances)
    rules = policies.rules().policies
    return Explanation(
        is_allowed=decision.is_allowed,
        action=known,
        principal=_about(principal),
        resource={"kind": resource.kind, "id": resource.id, "company": resource.attributes().get("company")},
        circumstances=circumstances.attributes(),
        deciders=tuple(_decider(rules[name]) for name in decision.policies),
        reason=decision.reason,
        instead=decision.instead,
    )


def _about(principal: Principal) -> dict[str, Any]:
    told: dict[str, Any] = {
        "actor": principal.actor,
        "company": str(principal.merchant_id) if principal.merchant_id else None,
        "in_words": authorizer.in_words(principal),
    }
    if principal.kind in (Kind.KEY, Kind.CLIENT):
        told["scopes"] = sorted(principal.scopes)
    if principal.kind is Kind.PERSON:
        told |= {
            "role": principal.role,
            "has_second_factor": principal.has_second_factor,
            "is_recent": principal.is_recent,
        }
    return told


def _decider(policy: policies.Policy) -> Decider:
    return Decider(
        id=policy.id,
        effect=policy.effect,
        because=policy.because,
        instead=policy.instead,
        file=f"policies/{policy.file}",
        line=_lines().get(policy.id, 0),
    )


@cache
def _lines() -> dict[str, int]:
    """Policy -> the line of its file where it begins."""
    return {
        line.removeprefix('@id("').removesuffix('")'): number
        for text in policies.texts().values()
        for number, line in enumerate(text.splitlines(), start=1)
        if line.startswith('@id("')
    }
