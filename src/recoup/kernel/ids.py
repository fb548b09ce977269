"""Identifiers: UUIDs that sort by time (RFC 9562, version 7) and case numbers that people can read out."""

from __future__ import annotations

import os
import secrets
import time
from uuid import UUID, uuid5

#: Crockford's base 32: no I, L, O or U, so that nothing is misheard or misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V", "-": None, " ": None})


def uuid7() -> UUID:
    """A new time-ordered UUID: 48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def attempt_key(payout_id: UUID, epoch: int) -> UUID:
    """The idempotency key of a payout's attempt: derived, so nobody can ever make another one (PROOFS 2)."""
    return uuid5(payout_id, str(epoch))


def case_number() -> str:
    """A new case number such as `RC-7K3M-9QXD-4`: 40 random bits and a check character.

    Short enough to be read out. Among ten million cases one in 100,000 draws stands already: whoever draws draws again.
    """
    drawn = secrets.randbits(40)
    body = "".join(ALPHABET[drawn >> place & 31] for place in range(0, 40, 5))
    return f"RC-{body[:4]}-{body[4:]}-{_check(body)}"


def read_case_number(typed: str) -> str | None:
    """The case number a person meant, whatever case, spaces and look-alike letters; None when it cannot be one."""
    text = typed.strip().upper().translate(_MISREAD)
    text = text[2:] if len(text) == 11 and text.startswith("RC") else text
    if len(text) != 9 or any(letter not in ALPHABET for letter in text) or _check(text[:8]) != text[8]:
        return None
    return f"RC-{text[:4]}-{text[4:8]}-{text[8]}"


def _check(body: str) -> str:
    """A check in the field of 32 elements: it finds each single wrong letter and any two that changed places.

    Each place has its own power of x as its weight, modulo the primitive x^5 + x^2 + 1. (A sum modulo a prime below 32
    takes the first and the last letter for the same.)
    """
    total = 0
    for letter in body:
        total = (total ^ ALPHABET.index(letter)) << 1
        total ^= 0b100101 if total & 32 else 0
    return ALPHABET[total]
