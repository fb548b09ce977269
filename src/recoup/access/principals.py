"""Who is asking: the principal that the authorizer makes out of a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A merchant's server. `actor` is how events name it."""

    key_id: UUID
    merchant_id: UUID
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        return f"key:{self.key_id}"


def from_api_key(secret: str, *, at: datetime) -> Principal | None:
    """The principal of a live key; None for an unknown, revoked or expired one."""
    if not secret.startswith(keys.PREFIX):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key_id, merchant_id, scopes, expires_at FROM access_find_key(%s)", [keys.hash_of(secret)]
        )
        row = cursor.fetchone()
    if row is None or (row[3] is not None and row[3] <= at):
        return None
    return Principal(key_id=row[0], merchant_id=row[1], scopes=frozenset(row[2]))
