"""The same request twice gets the same answer, byte for byte (DOMAIN 5). Called inside the action's transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection

from recoup.kernel.errors import Refusal

KEY_LENGTH_MAX = 255
KEPT_DAYS = 30


class StillRunning(Refusal):
    """The first request with this key has not ended yet."""

    code = "idempotency_key_in_use"
    status = 409
    title = "A request with this Idempotency-Key is still running; ask again in a moment"


class KeyReused(Refusal):
    """The key came with another body."""

    code = "idempotency_key_reused"
    status = 422
    title = "This Idempotency-Key was used with another request body; use a new key for a new request"


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was given the first time."""

    status: int
    body: bytes


def hash_of(*, path: str, body: bytes) -> bytes:
    """What makes two requests the same: where they went and every byte they said."""
    return hashlib.sha256(path.encode() + b"\n" + body).digest()


def begin(*, merchant_id: UUID, key: str, request_hash: bytes) -> Stored | None:
    """The answer given earlier, or None: then this transaction is the only one working on the key.

    Raises StillRunning, KeyReused.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)), s.request_hash, s.status, s.body"
            " FROM (SELECT 1) one LEFT JOIN access_storedanswer s ON s.merchant_id = %s AND s.key = %s",
            [f"{merchant_id} {key}", merchant_id, key],
        )
        is_ours, stored_hash, status, body = cursor.fetchone()
    if stored_hash is not None:
        if bytes(stored_hash) != request_hash:
            raise KeyReused
        return Stored(status, bytes(body))
    if not is_ours:
        raise StillRunning
    return None


def end(*, merchant_id: UUID, key: str, request_hash: bytes, answer: Stored, at: datetime) -> None:
    """The answer is kept with everything else this transaction does. Raises StillRunning when somebody was faster."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO access_storedanswer (merchant_id, key, request_hash, status, body, created_at)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [merchant_id, key, request_hash, answer.status, answer.body, at],
            )
    except IntegrityError:
        raise StillRunning from None
