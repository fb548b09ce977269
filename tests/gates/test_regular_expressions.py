"""No regular expression of ours can be made to work for minutes by a text that somebody sends.

Each one is read from the source, taken apart, and given texts that repeat what it repeats and then do not fit.
"""

import ast
import importlib
import re
import time
from pathlib import Path
from re import _constants as op
from re import _parser as parser

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
MANY = 25  # repetitions from which on a pattern counts as unbounded
LENGTHS = (*range(10, 60, 2), 80, 120, 200, 400, 3000)
ENDS = ("", "!", "\n\n", "\0")
SECONDS_MAX = 1.0
FUNCTIONS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}


def ours():
    """(where, pattern) of every expression that is written in the source, or made when a module is loaded."""
    for path in sorted(SRC.rglob("*.py")):
        here = str(path.relative_to(SRC))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if _is_of_re(node) and node.args and isinstance(node.args[0], ast.Constant):
                yield f"{here}:{node.lineno}", re.compile(node.args[0].value, _flags(node))
        for node in tree.body:
            value = getattr(node, "value", None)
            if isinstance(node, ast.Assign) and _is_of_re(value) and not isinstance(value.args[0], ast.Constant):
                module = importlib.import_module(here.removesuffix(".py").replace("/", "."))
                yield f"{here}:{node.lineno}", getattr(module, node.targets[0].id)


def _is_of_re(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in FUNCTIONS
    )


def _flags(call):
    named = [*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg == "flags")]
    names = [part.attr for value in named for part in ast.walk(value) if isinstance(part, ast.Attribute)]
    flags = re.RegexFlag(0)
    for known in (getattr(re, name, None) for name in names):
        if isinstance(known, re.RegexFlag):
            flags |= known
    return flags


def slow(pattern, *, seconds_max=SECONDS_MAX):
    """The first text that the pattern works on for too long; None when there is none among ours."""
    is_bytes = isinstance(pattern.pattern, bytes)
    for before, again in set(_pumps(parser.parse(pattern.pattern, pattern.flags), "")):
        for length in LENGTHS:
            for end in ENDS:
                text = before + again * length + end
                for asked in (pattern.search, pattern.fullmatch):
                    began = time.thread_time()
                    asked(text.encode() if is_bytes else text)
                    if time.thread_time() - began > seconds_max:
                        return before, again, length, end
    return None


def _pumps(parts, before):
    """(what stands before, what is repeated) of every repetition in it."""
    for kind, told in parts:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            _, most, inside = told
            if most is op.MAXREPEAT or most >= MANY:
                yield from ((before, text) for text in {_text(inside), _text(inside, fullest=True)} if text)
            yield from _pumps(inside, before)
        elif kind is op.SUBPATTERN:
            yield from _pumps(told[-1], before)
        elif kind is op.BRANCH:
            for each in told[1]:
                yield from _pumps(each, before)
        before += _text([(kind, told)])


def _text(parts, *, fullest=False):
    """A short text that fits, with or without what may be left out."""
    made = ""
    for kind, told in parts:
        if kind is op.LITERAL:
            made += chr(told)
        elif kind is op.NOT_LITERAL:
            made += "a" if told != ord("a") else "b"
        elif kind is op.ANY:
            made += "a"
        elif kind is op.IN:
            made += _one_of(told)
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, inside = told
            made += _text(inside, fullest=fullest) * max(least, 1 if fullest and most else 0)
        elif kind is op.SUBPATTERN:
            made += _text(told[-1], fullest=fullest)
        elif kind is op.BRANCH:
            made += _text(told[1][0], fullest=fullest)
    return made


def _one_of(members):
    candidates = ["a", "0", " ", "A", "-", "_", ".", ",", "\t", "é", "~"]
    told = [chr(value) for kind, value in members if kind is op.LITERAL]
    told += [chr(value[0]) for kind, value in members if kind is op.RANGE]
    fits = re.compile("".join(("[", _written(members), "]")), re.DOTALL)
    return next((one for one in (*candidates, *told) if fits.fullmatch(one)), "a")


def _written(members):
    categories = {
        op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s",
        op.CATEGORY_NOT_SPACE: r"\S", op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
    }  # fmt: skip
    text = ""
    for kind, value in members:
        if kind is op.NEGATE:
            text += "^"
        elif kind is op.LITERAL:
            text += re.escape(chr(value))
        elif kind is op.RANGE:
            text += f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        elif kind is op.CATEGORY:
            text += categories[value]
    return text


def test_none_of_ours_can_be_pumped(database):
    found = list(ours())

    assert len(found) > 40
    assert [(where, pattern.pattern, text) for where, pattern in found if (text := slow(pattern))] == []


@pytest.mark.parametrize("bad", [r"^(a+)+$", r"^(\w+\s?)*:", r"^(\d|\d\d)*x"])
def test_one_that_could_be_is_seen(bad):
    assert slow(re.compile(bad), seconds_max=0.05)
