"""One cell of a decision table, tried before it is trusted.

A question cell is a unary test of its own column (`> 5000`, `"damaged", "defective"`, `contains($, "vip")`); an answer
cell is a constant. Nothing in a cell may look at a clock, roll a die or reach outside its column: the same facts must
give the same verdict for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import zen

from recoup.refunds.policy.schema import InputColumn, OutputColumn

CELL_LENGTH_MOST = 500
FUNCTIONS = frozenset({"contains", "startsWith", "endsWith", "len", "lower", "upper"})
_WORDS = frozenset({"and", "or", "not", "in", "true", "false", "$"})
_STRING = re.compile(r'"([^"\\]*)"|\'([^\'\\]*)\'')
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_DIGITS = re.compile(r"\d{1,16}")
_FRACTION = re.compile(r"\d\.\d|\d[eE][+-]?\d")
#: Values that every question is tried on; a cell that fails on one of them would silently never match in the engine.
_SAMPLES: dict[str, tuple[object, ...]] = {
    "text": ("", "goods"),
    "whole_number": (-1, 0, 100_000),
    "yes_or_no": (True, False),
    "list": ([], ["goods"]),
}


def mistakes_of_a_question(cell: str, column: InputColumn) -> Iterator[str]:
    """What is wrong with an input cell, in plain words; nothing when it may stand. Empty fits everything."""
    if not cell:
        return
    strings, rest = _apart(cell)
    mistakes = list(_mistakes_of_the_writing(cell, rest))
    if not mistakes:
        mistakes = list(_mistakes_of_the_type(strings, rest, column))
    if not mistakes:
        mistakes = list(_mistakes_of_the_trial(cell, column))
    yield from mistakes


def mistakes_of_an_answer(cell: str, column: OutputColumn) -> Iterator[str]:
    """What is wrong with an output cell; an empty one is allowed only where the column has a default."""
    if not cell:
        if column.default is None:
            yield "an answer is missing"
        return
    _, rest = _apart(cell)
    mistakes = [mistake for mistake in _mistakes_of_the_writing(cell, rest) if "whole numbers" not in mistake]
    names = set(_NAME.findall(rest)) - {"true", "false"}
    if names:
        mistakes.append(f"an answer is a constant, not a calculation with {', '.join(sorted(names))}")
    if mistakes:
        yield from mistakes
        return
    try:
        value = constant(cell)
    except RuntimeError as error:
        yield f"the engine cannot read this: {_first_words(error)}"
        return
    if not column.accepts(value):
        yield f"{cell} is not {_expected(column)}"


def constant(cell: str) -> object:
    """The value of an answer cell. Whole numbers are read here: the engine alone would not give an int."""
    if _DIGITS.fullmatch(cell):
        return int(cell)
    return zen.evaluate_expression(cell, {})


def _apart(cell: str) -> tuple[list[str], str]:
    strings = [double or single for double, single in _STRING.findall(cell)]
    return strings, _STRING.sub(' "" ', cell)


def _mistakes_of_the_writing(cell: str, rest: str) -> Iterator[str]:
    if len(cell) > CELL_LENGTH_MOST:
        yield f"a cell holds at most {CELL_LENGTH_MOST} characters"
    if "`" in rest or "'" in rest or rest.count('"') % 2 or "\\" in cell:
        yield "texts stand between plain quotation marks, without backslashes or back-quotes"
    if _FRACTION.search(rest):
        yield "only whole numbers: money is counted in minor units"
    for sign in "/*^%#?:;=+{}|&@":
        if sign in rest.replace("==", "").replace("!=", "").replace(">=", "").replace("<=", ""):
            yield f"the sign {sign} is not allowed in a cell"


def _mistakes_of_the_type(strings: list[str], rest: str, column: InputColumn) -> Iterator[str]:
    names = set(_NAME.findall(rest))
    for name in sorted(set(re.findall(r"([A-Za-z_]\w*)\s*\(", rest)) - FUNCTIONS - _WORDS):
        yield f"the function {name} is not allowed; there are {', '.join(sorted(FUNCTIONS))}"
    for name in sorted(names - FUNCTIONS - _WORDS):
        yield f"unknown word {name}: a cell asks about its own column only"
    if column.choices is not None:
        for text in strings:
            if text not in column.choices:
                yield f'"{text}" can never match; there are {", ".join(sorted(column.choices))}'
    if column.type in ("whole_number", "yes_or_no") and strings:
        yield f"this column holds {_named(column.type)}, not a text"
    if column.type == "yes_or_no" and rest.strip() not in ("true", "false"):
        yield "this column is true, false or empty"
    if column.type in ("text", "list") and not strings:
        yield 'this column holds texts: write "…"'
    if column.type == "list" and "contains" not in names:
        yield 'this column holds a list: write contains($, "…")'


def _mistakes_of_the_trial(cell: str, column: InputColumn) -> Iterator[str]:
    try:
        for sample in _SAMPLES[column.type]:
            zen.evaluate_unary_expression(cell, {"$": sample})
    except RuntimeError as error:
        yield f"the engine cannot read this: {_first_words(error)}"


def _expected(column: OutputColumn) -> str:
    if column.choices is not None:
        return f"one of {', '.join(sorted(repr(choice) for choice in column.choices))}"
    if column.type == "whole_number" and column.most is not None:
        return f"a whole number from 0 to {column.most}"
    return _named(column.type)


def _named(column_type: str) -> str:
    return {"text": "a text", "whole_number": "a whole number", "yes_or_no": "yes or no", "list": "a list"}[column_type]


def _first_words(error: RuntimeError) -> str:
    return str(error).splitlines()[0][:160]
