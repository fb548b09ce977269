"""Rules of a mapping: which rows are no orders at all, which are wrong, which deserve a remark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recoup.orders.mapping.notes import Treated
from recoup.orders.mapping.values import Find, MappingMistake, Reader, Unreadable, compiled

_TREATMENTS = {"keep": Treated.KEPT, "leave_out": Treated.LEFT_OUT, "refuse": Treated.REFUSED}
_KNOWN_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Rule:
    """When it holds, the row is counted under `code` and treated so."""

    code: str
    treated: Treated
    message: str


class Rules:
    """The rules of a mapping, in their order. What a value fulfils is remembered: sources repeat themselves."""

    def __init__(self, told: Sequence[Mapping[str, Any]], read: Reader) -> None:
        self._rules = [_rule(one) for one in told]
        tests: dict[str, list[tuple[int, Find]]] = {}
        for place, one in enumerate(told):
            for name, condition in one["when"].items():
                tests.setdefault(name, []).append((place, _test(name, condition)))
        self._fields: list[tuple[Find, tuple[tuple[int, Find], ...], dict[Any, tuple[int, ...]]]] = [
            (read(name), tuple(found), {}) for name, found in tests.items()
        ]
        self._wanted = [len(one["when"]) for one in told]

    def hits(self, scope: Any) -> Sequence[Rule]:
        """The rules that hold, down to the first one that does not keep the row."""
        fulfilled: tuple[int, ...] = ()
        for find, tests, known in self._fields:
            value = find(scope)
            try:
                fulfilled += known[value]
            except (KeyError, TypeError):
                fulfilled += _remember(value, tests, known)
        return self._decide(fulfilled) if fulfilled else ()

    def _decide(self, fulfilled: tuple[int, ...]) -> list[Rule]:
        hits: list[Rule] = []
        for place in sorted(set(fulfilled)):
            if fulfilled.count(place) == self._wanted[place]:
                hits.append(self._rules[place])
                if hits[-1].treated is not Treated.KEPT:
                    break
        return hits


def conditions(told: Mapping[str, Any], read: Reader) -> Find:
    """A function that says whether all conditions hold: `{"Quantity": {"below": 0}, "Status": "sent"}`."""
    tests = [(read(name), _test(name, test)) for name, test in told.items()]
    return lambda scope: all(test(find(scope)) for find, test in tests)


def _remember(value: Any, tests: tuple[tuple[int, Find], ...], known: dict[Any, tuple[int, ...]]) -> tuple[int, ...]:
    fulfilled = tuple(place for place, test in tests if test(value))
    if isinstance(value, str | int | None):
        if len(known) > _KNOWN_MAX:
            known.clear()
        known[value] = fulfilled
    return fulfilled


def _rule(told: Mapping[str, Any]) -> Rule:
    treatment = told.get("treat", "leave_out")
    if treatment not in _TREATMENTS or not {"when", "code"} <= set(told) <= {"when", "code", "treat", "message"}:
        raise MappingMistake(f"a rule has when, code, treat ({', '.join(_TREATMENTS)}) and message: {dict(told)}")
    return Rule(told["code"], _TREATMENTS[treatment], told.get("message", told["code"].replace("_", " ")))


def _test(name: str, told: Any) -> Find:
    if not isinstance(told, Mapping):
        return lambda value: bool(value == told)
    if len(told) != 1:
        raise MappingMistake(f"a condition on {name} has one of matches, below, above, at_most, is_empty")
    ((word, wanted),) = told.items()
    if word == "is_empty":
        return lambda value: (value is None or value == "") is bool(wanted)
    if word == "matches":
        chosen = compiled({"from": name, "choose": [{"matches": wanted, "is": True}]}, lambda _: lambda value: value)
        return lambda value: bool(chosen(value))
    if word not in ("below", "above", "at_most"):
        raise MappingMistake(f"there is no condition called {word!r}: matches, below, above, at_most, is_empty")
    number = compiled({"from": name, "as": "number"}, lambda _: lambda value: value)
    limit = number(str(wanted))

    def compare(value: Any) -> bool:
        try:
            told = number(value)
        except Unreadable:
            return False
        if told is None:
            return False
        return bool(told < limit if word == "below" else told > limit if word == "above" else told <= limit)

    return compare
