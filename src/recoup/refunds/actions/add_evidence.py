"""The shopper shows or tells more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import locking, rejudging, settling
from recoup.refunds.models import Photo
from recoup.refunds.states import ENDED, GRANTED, CaseState
from recoup.refunds.views import CaseView, view_of

PHOTOS_MAX = 10
DISTANCE_MAX = 10


class PhotoRefused(Invalid):
    """The file is not a photo we can use. The others, and all that was written, are kept."""

    code = "photo_refused"
    title = "This file is not a photo that we can use"


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


@tenancy.action
def add_evidence(
    *, merchant_id: UUID, case_id: UUID, photos: Sequence[NewPhoto], words: str, by: str, at: datetime
) -> CaseView:
    """Photos and words are with the case; a case that waited for evidence is judged again.

    Raises NotFound, MoveNotAllowed (the case has ended or is paid), Invalid (too many photos).
    """
    case = locking.case_for_update(case_id)
    if case.state in ENDED | GRANTED:
        raise locking.MoveNotAllowed("The case takes no more evidence", state=case.state)
    if Photo.objects.filter(case=case).count() + len(photos) > PHOTOS_MAX:
        raise PhotoRefused(f"A case takes at most {PHOTOS_MAX} photos; what you added before is kept")
    for photo in photos:
        Photo.objects.create(
            merchant_id=merchant_id,
            case=case,
            sha256=photo.sha256,
            file_key=photo.file_key,
            content_type=photo.content_type,
            size_bytes=photo.size_bytes,
            width=photo.width,
            height=photo.height,
            fingerprint=list(photo.fingerprint),
            seen_before=_times_seen(merchant_id, case_id, photo, at),
            added_at=at,
        )
    if words.strip():
        case.words = f"{case.words}\n\n{words.strip()}".strip()[:8000]
    events.record([settling.happening(case, "case.evidence_added", by=by, at=at, photos=len(photos))])
    if case.state == CaseState.NEEDS_EVIDENCE:
        rejudging.rejudge(case, at=at)
    else:
        case.keep()
    return view_of(case)


def _times_seen(merchant_id: UUID, case_id: UUID, photo: NewPhoto, at: datetime) -> int:
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
