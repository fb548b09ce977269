"""Identifiers in the provider's style: a prefix and 24 letters and digits nobody can guess.

The first eight grow with time, so that the newest rows of every index lie side by side on disk.
"""

import os
import string
import time

_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BYTE_TO_LETTER = bytes(ord(_LETTERS[byte % len(_LETTERS)]) for byte in range(256))
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]


def new_id(prefix: str) -> str:
    """`re` -> `re_3Vd0...`."""
    moment = time.time_ns() // 65_536
    letters = ""
    for _ in range(4):
        moment, pair = divmod(moment, 3844)
        letters = _PAIRS[pair] + letters
    return f"{prefix}_{letters}{os.urandom(16).translate(_BYTE_TO_LETTER).decode()}"
