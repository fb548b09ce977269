"""Rules of a mapping: which rows are no orders at all, which are wrong, which deserve a remark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
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
    """The rules of a mapping, in their order. Every condition has a bit; what a value fulfils is remembered as bits,
    since sources repeat themselves, so that a row without any is done with by a few look-ups.
    """

    def __init__(self, told: Sequence[Mapping[str, Any]], read: Reader) -> None:
        self._rules = [_rule(one) for one in told]
        self._wanted = [0] * len(told)
        tests: dict[str, list[tuple[int, Find]]] = {}
        bit = 1
        for place, one in enumerate(told):
            for name, condition in one["when"].items():
                tests.setdefault(name, []).append((bit, _test(name, condition)))
                self._wanted[place] |= bit
                bit <<= 1
        self._fields = [(read(name), _Known(found)) for name, found in tests.items()]
        self._decided: dict[int, tuple[Rule, ...]] = {}

    def hits(self, scope: Any) -> Sequence[Rule]:
        """The rules that hold, down to the first one that does not keep the row."""
        return self.decide(reduce(or_, (known.of(find(scope)) for find, known in self._fields), 0))

    def fulfilled(self, rows: Sequence[Any]) -> Iterable[int]:
        """For each row of texts, the conditions that it fulfils: for `decide`."""
        found = [map(known.__getitem__, map(find, rows)) for find, known in self._fields]
        return reduce(lambda one, other: map(or_, one, other), found) if found else [0] * len(rows)

    def decide(self, fulfilled: int) -> Sequence[Rule]:
        """The rules of which every condition is fulfilled, down to the first one that does not keep the row."""
        if not fulfilled:
            return ()
        hits = self._decided.get(fulfilled)
        if hits is None:
            held = [rule for rule, bits in zip(self._rules, self._wanted, strict=True) if bits & fulfilled == bits]
            last = next((at for at, rule in enumerate(held) if rule.treated is not Treated.KEPT), len(held))
            hits = self._decided[fulfilled] = tuple(held[: last + 1])
        return hits


class _Known(dict[Any, int]):
    """The bits of the conditions on one field, by its value."""

    def __init__(self, tests: Sequence[tuple[int, Find]]) -> None:
        super().__init__()
        self._tests = tests

    def __missing__(self, value: Any) -> int:
        fulfilled = reduce(or_, (bit for bit, test in self._tests if test(value)), 0)
        if len(self) > _KNOWN_MAX:
            self.clear()
        self[value] = fulfilled
        return fulfilled

    def of(self, value: Any) -> int:
        """Also of a list or an object, which cannot be remembered; 1, 1.0 and True are not taken for each other."""
        if isinstance(value, str | None):
            return self[value]
        return reduce(or_, (bit for bit, test in self._tests if test(value)), 0)


def conditions(told: Mapping[str, Any], read: Reader) -> Find:
    """A function that says whether all conditions hold: `{"Quantity": {"below": 0}, "Status": "sent"}`."""
    tests = [(read(name), _test(name, test)) for name, test in told.items()]
    return lambda scope: all(test(find(scope)) for find, test in tests)


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
