"""The shopper shows or tells more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import locking, rejudging, settling, showing
from recoup.refunds.models import Photo
from recoup.refunds.showing import NewPhoto
from recoup.refunds.states import ENDED, GRANTED, CaseState
from recoup.refunds.views import CaseView, view_of

PHOTOS_MAX = 10
TOO_MANY = f"A case takes at most {PHOTOS_MAX} photos; what you added before is kept"


class PhotoRefused(Invalid):
    """The file is not a photo we can use. The others, and all that was written, are kept."""

    code = "photo_refused"
    title = "This file is not a photo that we can use"


@tenancy.action
def add_evidence(
    *, merchant_id: UUID, case_id: UUID, photos: Sequence[NewPhoto], words: str, by: str, at: datetime
) -> CaseView:
    """Photos and words are with the case; a case that waited for evidence is judged again.

    A photo that is there already and words that were the last ones are not added a second time.
    Raises NotFound, MoveNotAllowed (the case has ended or is paid), PhotoRefused (too many).
    """
    case = locking.case_for_update(case_id)
    if case.state in ENDED | GRANTED:
        raise locking.MoveNotAllowed("The case takes no more evidence", state=case.state)
    there = {bytes(digest) for digest in Photo.objects.filter(case=case).values_list("sha256", flat=True)}
    new = list({photo.sha256: photo for photo in photos if photo.sha256 not in there}.values())
    if len(there) + len(new) > PHOTOS_MAX:
        raise PhotoRefused(TOO_MANY)
    told = words.strip()
    if told and not case.words.endswith(told):
        case.words = f"{case.words}\n\n{told}".strip()[:8000]
    elif not new:
        return view_of(case)
    which: dict[str, Any] = {"merchant_id": merchant_id, "case_id": case_id, "at": at}
    showing.write_photos(new, [showing.times_seen(photo, **which) for photo in new], **which)
    events.record([settling.happening(case, "case.evidence_added", by=by, at=at, photos=len(new))])
    if case.state == CaseState.NEEDS_EVIDENCE:
        rejudging.rejudge(case, at=at)
    else:
        case.keep()
    return view_of(case)
