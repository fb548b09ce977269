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


class PhotoRefused(Invalid):
    """The file is not a photo we can use. The others, and all that was written, are kept."""

    code = "photo_refused"
    title = "This file is not a photo that we can use"


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
    which: dict[str, Any] = {"merchant_id": merchant_id, "case_id": case_id, "at": at}
    showing.write_photos(photos, [showing.times_seen(photo, **which) for photo in photos], **which)
    if words.strip():
        case.words = f"{case.words}\n\n{words.strip()}".strip()[:8000]
    events.record([settling.happening(case, "case.evidence_added", by=by, at=at, photos=len(photos))])
    if case.state == CaseState.NEEDS_EVIDENCE:
        rejudging.rejudge(case, at=at)
    else:
        case.keep()
    return view_of(case)
