"""How a JSON text is built, told without reading it: how deep it is nested and how many names it has.

A parser goes as deep as it is led, and what walks over its result goes along. So the shape is looked at first, with
operations that run over bytes at memory speed: a text of a megabyte takes a few milliseconds at the very worst.
"""

from __future__ import annotations

import re

#: A string, to its end or to the end of the text. Possessive: it never goes back, so its time is that of one pass.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_ALL = bytes(range(256))
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = _ALL.translate(None, b"[]{}")


def is_too_deep(text: bytes, *, levels_max: int) -> bool:
    """Whether objects and arrays are nested deeper than that. Texts that are no JSON may give either answer."""
    if text.count(b"[") + text.count(b"{") <= levels_max:
        return False
    brackets = _STRING.sub(b"", text).translate(_BRACKETS, _NOT_BRACKETS)
    if brackets.startswith(b"[" * (levels_max + 1)):
        return True
    for _ in range(levels_max):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def has_more_names_than(text: bytes, names_max: int) -> bool:
    """Whether its objects have more names than that, all together."""
    if text.count(b":") <= names_max:
        return False
    return _STRING.sub(b"", text).count(b":") > names_max
