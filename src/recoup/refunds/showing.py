"""Photos of a case: writing them down, and whether the same picture was shown before. Called inside an action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.kernel import ids

DISTANCE_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPhoto:
    """A photo that has been checked, cleaned and stored (`refunds.gateways.evidence_store`)."""

    file_key: str
    sha256: bytes
    content_type: str
    size_bytes: int
    width: int
    height: int
    fingerprint: tuple[int, ...]


_SEEN = """
SELECT count(DISTINCT p.case_id) FROM refunds_photo p
 WHERE p.merchant_id = %(merchant_id)s AND p.case_id <> %(case_id)s AND p.added_at > %(at)s - interval '365 days'
   AND (EXISTS (SELECT 1 FROM unnest(p.fingerprint) AS old (form)
                 WHERE bit_count((old.form # %(plain)s)::bit(64)) <= %(most)s)
        OR EXISTS (SELECT 1 FROM unnest(%(forms)s::bigint[]) AS new (form)
                    WHERE bit_count((p.fingerprint[1] # new.form)::bit(64)) <= %(most)s))
"""
_WRITE = """
INSERT INTO refunds_photo (id, merchant_id, case_id, sha256, file_key, content_type, size_bytes, width, height,
                           fingerprint, seen_before, added_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def times_seen(photo: NewPhoto, *, merchant_id: UUID, case_id: UUID, at: datetime) -> int:
    """In how many other cases of the last year the same picture was shown, turned or mirrored included."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SEEN,
            {
                "merchant_id": merchant_id,
                "case_id": case_id,
                "at": at,
                "plain": photo.fingerprint[0],
                "forms": list(photo.fingerprint),
                "most": DISTANCE_MAX,
            },
        )
        return int(cursor.fetchone()[0])


def write_photos(
    photos: Sequence[NewPhoto], seen_before: Sequence[int], *, merchant_id: UUID, case_id: UUID, at: datetime
) -> None:
    """The photos belong to the case, each with the number of other cases it was seen in."""
    if not photos:
        return
    with connection.cursor() as cursor:
        for photo, seen in zip(photos, seen_before, strict=True):
            cursor.execute(
                _WRITE,
                [
                    *(ids.uuid7(), merchant_id, case_id, photo.sha256, photo.file_key, photo.content_type),
                    *(photo.size_bytes, photo.width, photo.height, list(photo.fingerprint), seen, at),
                ],
            )
