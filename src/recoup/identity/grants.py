"""What an app holds of us: codes and tokens, all rows of allauth's `Token` table, found by their hash and never kept.

A *grant* is what somebody allowed an app once; everything that came of it has the same `family`. It ends as a whole:
when the person signs out (unless they let the app stay), gets another password or another role, or is off-boarded;
when the app is revoked; and when something that is good once is shown twice, because then somebody else has it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

CODE_LIVES = timedelta(seconds=60)
DEVICE_LIVES = timedelta(minutes=10)
DEVICE_ASKS_EVERY_S = 5
ACCESS_LIVES = timedelta(minutes=10)
#: A refresh token lives so long after it was made, and its family at most so long after the person said yes.
REFRESH_LIVES = timedelta(days=30)
FAMILY_LIVES = timedelta(days=180)
#: Of what devices show: no vowels, so that no word comes of it by chance.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
#: The person may sign out, and the app still acts for them.
STAYS = "offline_access"


class Held(StrEnum):
    """What a row is: the values of `Token.type`. `SPENT` was good once, and tells who shows it again."""

    ACCESS = "at"
    REFRESH = "rt"
    CODE = "ac"
    DEVICE = "dc"
    SPENT = "sp"


class Heard(StrEnum):
    """What a device hears when it asks, in the words of RFC 8628."""

    PENDING = "authorization_pending"
    TOO_OFTEN = "slow_down"
    OVER = "expired_token"
    DENIED = "access_denied"
    ALLOWED = "authorized"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A row that was found, with all that decides whether it still counts.

    `facts` is what was kept with it: family, when it began, and for a person role, session, password's stamp and when
    they had last proved themselves. `role`, `stamp`, `has_session` are those of now; None: the person works there no
    more, or may not sign in.
    """

    token_id: int
    app_id: UUID
    merchant_id: UUID
    app_name: str
    scopes: frozenset[str]
    facts: Mapping[str, Any]
    expires_at: datetime
    person_id: UUID | None
    email: str | None
    name: str | None
    role: str | None
    stamp: str | None
    has_session: bool
    has_key: bool

    @property
    def family(self) -> str:
        return str(self.facts["family"])

    @property
    def stands(self) -> bool:
        """Nothing has happened since that ends it; its time may still be over."""
        if self.person_id is None:
            return True
        facts = self.facts
        return (
            self.role is not None
            and self.role == facts["role"]
            and self.stamp == facts["stamp"]
            and (facts["session"] is None or self.has_session)
        )

    def is_alive(self, at: datetime) -> bool:
        """It counts, and its time is not over."""
        return self.stands and at < self.expires_at


def new_user_code() -> str:
    """Eight letters in two groups: 34 bits, for ten minutes, and nobody tries more than a few."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def hash_of(value: str) -> str:
    """What is kept of a code or token: they have 128 random bits and more, so nobody finds one by trying."""
    return hashlib.sha256(value.encode()).hexdigest()


def hash_of_user_code(typed: str) -> str:
    """What is kept of the eight letters that a device shows: keyed, because there are few of them."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return salted_hmac("recoup.device", letters, algorithm="sha256").hexdigest()


def stamp_of(password_hash: str) -> str:
    """Another one whenever the password is another one."""
    return hashlib.sha256(password_hash.encode()).hexdigest()


def find(held: Held, hashed: str, *, at: datetime, kid: str = "") -> Grant | None:
    """The row of that kind and hash; None when nobody was given it. `kid`: the key that signed it, if one did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM identity_find_token(%s, %s, %s, %s)", [held.value, hashed, kid, at])
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    if row is None:
        return None
    told = dict(zip(names, row, strict=True))
    facts = told["facts"]
    return Grant(
        **{
            **told,
            "scopes": frozenset(told["scopes"].split()),
            "facts": json.loads(facts) if isinstance(facts, str) else facts,
        }
    )
