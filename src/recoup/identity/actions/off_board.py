"""Somebody stops working for a company."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity.actions.end_sign_ins import Ended, end_sign_ins
from recoup.identity.models import Membership
from recoup.kernel.errors import NotFound


@tenancy.action
def off_board(*, merchant_id: UUID, person_id: UUID, works_elsewhere: bool, by: str, at: datetime) -> Ended:
    """They have no role there, and no browser and no app is signed in as them. Raises NotFound.

    Whoever works for no other company has no password and no second factor afterwards either: what is left is a
    shopper's account, which a code to their address opens. Keys they made are the company's (`revoke_key`).
    """
    if not Membership.objects.filter(merchant_id=merchant_id, person_id=person_id).delete()[0]:
        raise NotFound("Nobody like that works there")
    ended = end_sign_ins(person_id=person_id, proofs_too=not works_elsewhere)
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="member.off_boarded", subject_id=person_id, actor=by,
                data={"sessions": ended.sessions, "tokens": ended.tokens, "second_factors": ended.second_factors},
            )
        ]
    )  # fmt: skip
    return ended
