"""Somebody stops working for a company."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.access import transactional as access
from recoup.events import transactional as events
from recoup.identity import inviting, managing
from recoup.identity.actions.end_sign_ins import Ended, end_sign_ins
from recoup.identity.models import Membership
from recoup.kernel.errors import NotFound


@tenancy.action
def off_board(
    *, merchant_id: UUID, person_id: UUID, works_elsewhere: bool, by: str, at: datetime, may_be_last: bool = False
) -> Ended:
    """They have no role there, no browser and no app is signed in as them, the company's API keys whose secret they
    were shown are revoked, and the invitations they sent open nothing. All of it or nothing.

    Whoever works for no other company has no password and no second factor afterwards either: what is left is a
    shopper's account, which a code to their address opens. Raises NotFound; LastManager unless `may_be_last`.
    """
    if not may_be_last:
        managing.others_must_manage(merchant_id=merchant_id, person_id=person_id)
    if not Membership.objects.filter(merchant_id=merchant_id, person_id=person_id).delete()[0]:
        raise NotFound("Nobody like that works there")
    who = f"person:{person_id}"
    ended = replace(
        end_sign_ins(person_id=person_id, proofs_too=not works_elsewhere),
        keys=access.revoke_keys_seen_by(who, merchant_id=merchant_id, by=by, at=at),
        invitations=inviting.open_rows(merchant_id=merchant_id).filter(invited_by=who).update(ended_at=at),
    )
    told = {
        "sessions": ended.sessions, "tokens": ended.tokens, "second_factors": ended.second_factors, "keys": ended.keys,
        "invitations": ended.invitations,
    }  # fmt: skip
    left = events.Happening(
        merchant_id=merchant_id, at=at, kind="member.off_boarded", subject_id=person_id, actor=by, data=told
    )
    events.record([left])
    return ended
