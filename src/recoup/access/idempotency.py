"""The same request twice gets the same answer, byte for byte (DOMAIN 5). Called inside the action's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection

from recoup.kernel.errors import Refusal
from recoup.kernel.rows import as_rows

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request as its key and its hash know it."""

    key: str
    request_hash: bytes


_BEGIN = """
SELECT pg_try_advisory_xact_lock(hashtextextended(%(merchant_id)s::text || ' ' || q.key, 0)), s.request_hash, s.status,
       s.body
  FROM unnest(%(keys)s::text[]) WITH ORDINALITY AS q (key, place)
  LEFT JOIN access_storedanswer s ON s.merchant_id = %(merchant_id)s AND s.key = q.key
 ORDER BY q.place
"""


def begin(questions: Sequence[Question], *, merchant_id: UUID) -> list[Stored | Refusal | None]:
    """For each question the answer given earlier, StillRunning or KeyReused; or None: then only this transaction
    works on its key. The keys must differ.
    """
    if not questions:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {"merchant_id": merchant_id, "keys": [question.key for question in questions]})
        rows = cursor.fetchall()
    return [_known(question, row) for question, row in zip(questions, rows, strict=True)]


def _known(question: Question, row: tuple[bool, bytes | None, int, bytes]) -> Stored | Refusal | None:
    is_ours, stored_hash, status, body = row
    if stored_hash is not None:
        return Stored(status, bytes(body)) if bytes(stored_hash) == question.request_hash else KeyReused()
    return None if is_ours else StillRunning()


_END = """
INSERT INTO access_storedanswer (merchant_id, key, request_hash, status, body, created_at)
SELECT %s, a.key, decode(a.request_hash, 'hex'), a.status, convert_to(a.body, 'UTF8'), %s
  FROM json_to_recordset(%s::json) AS a (key text, request_hash text, status int, body text)
"""


def end(answers: Sequence[tuple[Question, Stored]], *, merchant_id: UUID, at: datetime) -> None:
    """The answers are kept with everything else this transaction does. Raises StillRunning when somebody was faster."""
    rows = [
        {
            "key": question.key,
            "request_hash": question.request_hash.hex(),
            "status": stored.status,
            "body": stored.body.decode(),
        }
        for question, stored in answers
    ]
    try:
        with connection.cursor() as cursor:
            cursor.execute(_END, [merchant_id, at, as_rows(rows)])
    except IntegrityError:
        raise StillRunning from None
