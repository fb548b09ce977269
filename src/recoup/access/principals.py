"""Who is asking: one kind of principal for machines, people and guests, whatever door they stand at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Protocol, cast
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from recoup.access import keys
from recoup.kernel.errors import Refusal

GUEST_PREFIX = "gt_"
REMEMBERED = timedelta(seconds=1)
REMEMBERED_MAX = 1000


class Kind(StrEnum):
    """What somebody showed at the door."""

    KEY = "key"
    CLIENT = "client"
    PERSON = "person"
    GUEST = "guest"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody at a door, as the authorizer knows them. `actor` is how events name them.

    `merchant_id` is the company they act for; `scopes` is what a key or client may do, `role` what a person is there;
    `email` the proved address of a person or guest. `order_id` and `case_id` are what a guest's pass opens.
    `is_recent`: they proved themselves again just now. `by_token`: an app acts for them, within `scopes`.
    """

    kind: Kind
    id: UUID
    merchant_id: UUID | None = None
    role: str = "machine"
    scopes: frozenset[str] = frozenset()
    email: str = ""
    order_id: UUID | None = None
    case_id: UUID | None = None
    has_second_factor: bool = False
    is_recent: bool = False
    by_token: bool = False

    @property
    def actor(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def company(self) -> UUID:
        """The company they act for. Raises NoCompany."""
        if self.merchant_id is None:
            raise NoCompany
        return self.merchant_id


class NoCompany(Refusal):
    """Somebody acts for no company, at a door that needs one."""

    code = "ACCESS_DENIED"
    status = 403
    title = "You act for no company here"


def of_bearer(shown: str, *, at: datetime, is_fresh: bool = False) -> Principal | None:
    """Who sends `Authorization: Bearer <shown>`: a key's company, the guest of one case, or whoever an access token
    speaks for; None for what opens nothing. Tokens are looked up anew each time; keys as `from_api_key` says.
    """
    if shown.startswith(keys.PREFIX):
        return from_api_key(shown, at=at, is_fresh=is_fresh)
    reader = _guest_reader() if shown.startswith(GUEST_PREFIX) else _token_reader()
    return reader(shown, at=at)


@cache
def _guest_reader() -> TokenReader:
    """Likewise for the tokens of guests."""
    return cast(TokenReader, import_string(settings.GUEST_READER))


@cache
def _token_reader() -> TokenReader:
    """Identity, which stands above, knows tokens; the settings name the function."""
    return cast(TokenReader, import_string(settings.TOKEN_READER))


class TokenReader(Protocol):
    """Who shows this access token; None for everything that is not one, or not any more."""

    def __call__(self, token: str, /, *, at: datetime) -> Principal | None: ...


def from_api_key(secret: str, *, at: datetime, is_fresh: bool = False) -> Principal | None:
    """The principal of a live key; None for an unknown, revoked or expired one.

    A key that was found is remembered for a second: one that is revoked elsewhere is dead within that time. `is_fresh`
    looks it up anew, for what moves money or rights.
    """
    if not secret.startswith(keys.PREFIX):
        return None
    secret_hash = keys.hash_of(secret)
    known = None if is_fresh else _remembered.get(secret_hash)
    if known is None or not known.found_at <= at < known.found_at + REMEMBERED:
        known = _found(secret_hash, at=at)
    if known is None or (known.expires_at is not None and known.expires_at <= at):
        return None
    return known.principal


def forget() -> None:
    """Every key is looked up again: one of them has changed."""
    _remembered.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    principal: Principal
    expires_at: datetime | None
    found_at: datetime


_remembered: dict[bytes, _Known] = {}


def _found(secret_hash: bytes, *, at: datetime) -> _Known | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key_id, merchant_id, scopes, expires_at FROM access_find_key(%s)", [secret_hash])
        row = cursor.fetchone()
    if row is None:
        _remembered.pop(secret_hash, None)
        return None
    known = _Known(
        principal=Principal(kind=Kind.KEY, id=row[0], merchant_id=row[1], scopes=frozenset(row[2])),
        expires_at=row[3],
        found_at=at,
    )
    if len(_remembered) >= REMEMBERED_MAX:
        forget()
    _remembered[secret_hash] = known
    return known
