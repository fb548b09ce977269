"""The expressions of a mapping: where a value is found in the source, and what is made of it.

    "Country"                                          the column (or path) of that name
    {"from": "Country", "map": {"EIRE": "IE"}}         translated; words that are not listed stay as they are
    {"from": "StockCode", "choose": [{"matches": "^POST$", "is": "shipping"}], "otherwise": "goods"}
    {"from": "InvoiceDate", "as": "time", "zone": "Europe/London"}
    {"value": "card"}                                  always the same
    {"template": "ch_{InvoiceNo}"}                     put together
    {"first": ["email", "buyer.email"]}                the first that is not empty

Every expression may have an `otherwise` for when nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from recoup.kernel.errors import Refusal

#: Finds a raw value in one row or tree.
Find = Callable[[Any], Any]
#: Makes the function that finds what a column's name or a path means.
Reader = Callable[[str], Find]

_KEYS = frozenset("from value template first as map choose otherwise format zone without".split())
#: How many different texts a column may have before what was made of them is forgotten.
KNOWN_MAX = 100_000
_HOLE = re.compile(r"\{([^{}]+)\}")


class MappingMistake(Refusal):
    """The mapping itself is wrong: it names what is not there, or uses a word the language does not have."""

    code = "mapping_mistake"
    status = 400
    title = "The mapping has a mistake in it"


class Unreadable(Exception):
    """A value of the source is not what the mapping expects. `code` counts in the report."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def compiled(expression: Any, read: Reader) -> Find:
    """A function from a row (or tree) to the value, with everything that can be known beforehand looked up.

    The function raises Unreadable. Raises MappingMistake.
    """
    if isinstance(expression, str):
        return read(expression)
    if not isinstance(expression, Mapping):
        raise MappingMistake(f"{expression!r} is neither a column nor an expression")
    unknown = set(expression) - _KEYS
    if unknown:
        raise MappingMistake(f"an expression has no {', '.join(sorted(unknown))}: {dict(expression)}")
    find = _source(expression, read)
    steps = _steps(expression)
    make = _made(steps, expression.get("otherwise"))
    return _remembering(find, make) if steps and "from" in expression else lambda scope: make(find(scope))


def decimal_of(value: Any) -> Decimal:
    """A number of the source, exactly. Raises Unreadable."""
    if isinstance(value, Decimal):
        return value
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise Unreadable("not_a_number", f"{value!r} is not a number") from None
    if not number.is_finite():
        raise Unreadable("not_a_number", f"{value!r} is not a number")
    return number


def _source(expression: Mapping[str, Any], read: Reader) -> Find:
    named = [key for key in ("from", "value", "template", "first") if key in expression]
    if len(named) != 1:
        raise MappingMistake(f"an expression has one of from, value, template, first: {dict(expression)}")
    given = expression[named[0]]
    if named[0] == "from":
        return read(given)
    if named[0] == "value":
        return lambda _: given
    if named[0] == "template":
        return template(given, read)
    return _first([compiled(one, read) for one in given])


def template(text: str, read: Reader) -> Find:
    """A function that fills the holes of the text; None when one of them is empty."""
    pieces = _HOLE.split(text)
    fixed, finds = pieces[0::2], [read(name) for name in pieces[1::2]]

    def fill(scope: Any) -> str | None:
        found = [find(scope) for find in finds]
        if any(value in (None, "") for value in found):
            return None
        return fixed[0] + "".join(f"{_spoken(value)}{rest}" for value, rest in zip(found, fixed[1:], strict=True))

    return fill


def _spoken(value: Any) -> Any:
    """Options such as {"colour": "blue", "size": "M"} are read out as `blue, M`."""
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values())
    return value


def _first(finds: list[Find]) -> Find:
    def first(scope: Any) -> Any:
        return next((value for find in finds if (value := find(scope)) not in (None, "")), None)

    return first


def _made(steps: list[Callable[[Any], Any]], otherwise: Any) -> Callable[[Any], Any]:
    def make(value: Any) -> Any:
        for step in steps:
            if value is None or value == "":
                break
            value = step(value)
        return otherwise if value is None or value == "" else value

    return make


def _remembering(find: Find, make: Callable[[Any], Any]) -> Find:
    """Sources say the same few things again and again: what was made of a text once is made of it again."""
    known: dict[str, Any] = {}

    def remember(scope: Any) -> Any:
        value = find(scope)
        if type(value) is not str:
            return make(value)
        try:
            return known[value]
        except KeyError:
            made = make(value)
        if len(known) > KNOWN_MAX:
            known.clear()
        known[value] = made
        return made

    return remember


def _steps(expression: Mapping[str, Any]) -> list[Callable[[Any], Any]]:
    steps: list[Callable[[Any], Any]] = []
    if "without" in expression:
        pattern = _pattern(expression["without"])
        steps.append(lambda value: pattern.sub("", str(value)))
    if "choose" in expression:
        steps.append(_choose(expression["choose"]))
    if "map" in expression:
        words = dict(expression["map"])
        steps.append(lambda value: words.get(value, value) if isinstance(value, str) else words.get(str(value), value))
    if "as" in expression:
        steps.append(_as(expression))
    return steps


def _choose(choices: Any) -> Callable[[Any], Any]:
    """The first pattern that matches decides."""
    patterns = [(_pattern(choice["matches"]), choice["is"]) for choice in choices]

    def choose(value: Any) -> Any:
        text = str(value)
        return next((chosen for pattern, chosen in patterns if pattern.search(text)), None)

    return choose


def _as(expression: Mapping[str, Any]) -> Callable[[Any], Any]:
    kind = expression["as"]
    if kind == "time":
        return _time(expression.get("format"), expression.get("zone", "UTC"))
    simple: dict[str, Callable[[Any], Any]] = {
        "text": lambda value: str(value).strip(),
        "upper": lambda value: str(value).strip().upper(),
        "lower": lambda value: str(value).strip().lower(),
        "integer": _integer,
        "number": decimal_of,
        "flag": lambda value: str(value).strip().lower() in {"1", "true", "yes", "y"},
        "thousandths": lambda value: _integer(decimal_of(value) * 1000),
    }
    if kind not in simple:
        raise MappingMistake(f"there is no `as` called {kind!r}: time, {', '.join(simple)}")
    return simple[kind]


def _integer(value: Any) -> int:
    number = decimal_of(value)
    if number != number.to_integral_value():
        raise Unreadable("not_a_whole_number", f"{value!r} is not a whole number")
    return int(number)


def _time(form: str | None, zone_name: str) -> Callable[[Any], datetime]:
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError):
        raise MappingMistake(f"there is no time zone {zone_name!r}") from None

    def read_time(value: Any) -> datetime:
        if isinstance(value, datetime):
            moment = value
        else:
            try:
                moment = datetime.strptime(value, form) if form else datetime.fromisoformat(str(value))  # noqa: DTZ007
            except (ValueError, TypeError):
                raise Unreadable("not_a_time", f"{value!r} is not a time{f' like {form}' if form else ''}") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

    return read_time


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as problem:
        raise MappingMistake(f"{text!r} is not a regular expression: {problem}") from None
