"""Identifiers: UUIDs that sort by time (RFC 9562, version 7) and case numbers that people can read out."""

from __future__ import annotations

import os
import secrets
import time
from uuid import UUID, uuid5

#: Crockford's base 32: no I, L, O or U, so that nothing is misheard or misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: 60 random bits. With 40 (8 letters, as the first numbers had) one in 100,000 requests would have met a number that is
#: taken, once there are ten million cases; with 60 one in a hundred thousand million, so nobody has to try again.
_LETTERS = 12
_LETTERS_ONCE = 8
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
    """A new case number such as `RC-7K3M-9QXD-52TB-H`: 60 random bits and a check character."""
    return _written("".join(secrets.choice(ALPHABET) for _ in range(_LETTERS)))


def read_case_number(typed: str) -> str | None:
    """The case number a person meant, whatever case, spaces and look-alike letters; None when it cannot be one."""
    text = typed.strip().upper().translate(_MISREAD)
    lengths = (_LETTERS + 1, _LETTERS_ONCE + 1)
    text = text[2:] if text.startswith("RC") and len(text) - 2 in lengths else text
    if len(text) not in lengths or any(letter not in ALPHABET for letter in text) or _check(text[:-1]) != text[-1]:
        return None
    return _written(text[:-1])


def _written(body: str) -> str:
    """In groups of four, as people read it out."""
    return "-".join(["RC", *(body[at : at + 4] for at in range(0, len(body), 4)), _check(body)])


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
