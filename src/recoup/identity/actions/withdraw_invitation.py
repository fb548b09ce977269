"""An invitation is taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity import inviting
from recoup.kernel.errors import NotFound


@tenancy.action
def withdraw_invitation(*, merchant_id: UUID, invitation_id: UUID, by: str, at: datetime) -> None:
    """The link in the letter opens nothing any more. Raises NotFound for one that is open no longer."""
    if not inviting.open_rows(merchant_id=merchant_id).filter(id=invitation_id).update(ended_at=at):
        raise NotFound("There is no such invitation")
    told = events.Happening(
        merchant_id=merchant_id, at=at, kind="member.invitation_withdrawn", subject_id=invitation_id, actor=by, data={}
    )
    events.record([told])
