"""Identifiers in the provider's style: a prefix and 24 letters and digits nobody can guess."""

import os
import string

_LETTERS = (string.ascii_letters + string.digits).encode()
_BYTE_TO_LETTER = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))


def new_id(prefix: str) -> str:
    """`re` -> `re_3Vd0...`."""
    return f"{prefix}_{os.urandom(24).translate(_BYTE_TO_LETTER).decode()}"
