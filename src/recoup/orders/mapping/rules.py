"""Rules of a mapping: which rows are no orders at all, which are wrong, which deserve a remark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recoup.orders.mapping.notes import Treated
from recoup.orders.mapping.plans import conditions
from recoup.orders.mapping.values import Find, MappingMistake, Reader

_TREATMENTS = {"keep": Treated.KEPT, "leave_out": Treated.LEFT_OUT, "refuse": Treated.REFUSED}


@dataclass(frozen=True, slots=True)
class Rule:
    """When it holds, the row is counted under `code` and treated so."""

    holds: Find
    code: str
    treated: Treated
    message: str


def rules_of(told: Sequence[Mapping[str, Any]], read: Reader) -> list[Rule]:
    """The rules of a mapping, ready, in their order: the first one that does not keep a row decides."""
    return [_rule(one, read) for one in told]


def _rule(told: Mapping[str, Any], read: Reader) -> Rule:
    treatment = told.get("treat", "leave_out")
    if treatment not in _TREATMENTS or not {"when", "code"} <= set(told) <= {"when", "code", "treat", "message"}:
        raise MappingMistake(f"a rule has when, code, treat ({', '.join(_TREATMENTS)}) and message: {dict(told)}")
    message = told.get("message", told["code"].replace("_", " "))
    return Rule(conditions(told["when"], read), told["code"], _TREATMENTS[treatment], message)
