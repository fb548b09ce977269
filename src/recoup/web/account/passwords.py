"""Which passwords we take, and why not, in words (docs/decisions/0038). Django asks these in turn.

Nothing about capitals, digits or signs: length and not being on an attacker's list is what counts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from recoup.identity import actions as identity
from recoup.identity import queries
from recoup.merchants import queries as merchants

MIN, MAX = 12, 256
#: Shorter words are in too many honest passwords by chance.
WORD_MIN = 4
_OURS = ("recoup",)


class Long:
    """Twelve characters or more."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if len(password) < MIN:
            missing = MIN - len(password)
            raise ValidationError(
                f"This password is too short. It needs at least {MIN} characters: {missing} more. "
                "Three or four words that have nothing to do with each other are easy to remember.",
                code="password_too_short",
            )
        if len(password) > MAX:
            raise ValidationError(f"This password is too long. At most {MAX} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"At least {MIN} characters. Any characters will do, spaces too; three or four words are fine."


class Uncommon:
    """Neither on the list of passwords that everybody tries first, nor one of those with a tail, nor a pattern."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        plain = _folded(password)
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
        if plain in _common() or (core != plain and core in _common()) or _is_pattern(plain) or _is_chain(plain):
            raise ValidationError(
                "This password is one of those that are tried first when somebody breaks in, or one of those with "
                "something added. Choose one that nobody else would think of.",
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return "Not one that many people use."


class NotAboutYou:
    """Nothing in it that anybody knows: names, addresses, the company, ourselves."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        plain = _folded(password)
        for word in sorted(_known_about(user), key=len, reverse=True):
            if word in plain:
                raise ValidationError(
                    f"This password has “{word}” in it, which is easy to guess for you. "
                    "Leave out names, your e-mail address, your company and Recoup.",
                    code="password_about_you",
                )

    def get_help_text(self) -> str:
        return "Without your name, your e-mail address, your company's name or ours."


class New:
    """None of the person's last five."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if user is None or user.pk is None or not user.password:
            return
        known = {user.password, *queries.last_passwords(user.pk)}
        if any(check_password(password, hashed) for hashed in known):
            raise ValidationError(
                "This is one of your last five passwords. Choose one that you have not had.", code="password_used"
            )

    def password_changed(self, password: str, user: Any = None) -> None:
        """Django says so when the new password has been stored."""
        identity.remember_password(person_id=user.pk, hashed=user.password)

    def get_help_text(self) -> str:
        return "Not one of your last five."


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _common() -> frozenset[str]:
    return frozenset(map(_folded, CommonPasswordValidator().passwords))


def _is_pattern(plain: str) -> bool:
    """One short piece, or one from the list, over and over: `abcabcabcabc`, `passwordpassword`."""
    for size in range(1, len(plain) // 2 + 1):
        piece = plain[:size]
        if (piece * (len(plain) // size + 1)).startswith(plain) and (size <= WORD_MIN or piece in _common()):
            return True
    return False


_CHAINS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def _is_chain(plain: str) -> bool:
    return any(plain in chain or plain in chain[::-1] for chain in _CHAINS)


def _known_about(user: Any) -> set[str]:
    texts = [*_OURS]
    if user is not None:
        texts += [user.email or "", getattr(user, "name", "")]
        if user.pk is not None:
            texts += [merchants.by_id(one.merchant_id).name for one in queries.memberships(user.pk)]
    words = {word for text in texts for word in re.split(r"[\W\d_]+", _folded(text or ""))}
    return {word for word in words if len(word) >= WORD_MIN and word not in _EVERYBODYS}


#: Parts of addresses that say nothing about anybody.
_EVERYBODYS = frozenset({"mail", "gmail", "hotmail", "outlook", "yahoo", "example", "info"})
