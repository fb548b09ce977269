"""Somebody says of a change to their account: this was not me."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from recoup.identity import transactional as identity
from recoup.notifications import letter_wording, letters
from recoup.notifications.models import AccountNotice
from recoup.notifications.states import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Disowned:
    """What was done. `sign_in_with`: where a code will be sent to; `is_undone`: the change itself is gone."""

    sign_in_with: str
    is_undone: bool
    managers_told: int


@transaction.atomic(durable=True)
def disown_change(*, notice_id: UUID, at: datetime) -> Disowned | None:
    """Nobody is signed in to the account any more, its password is gone, and the change too where it can be undone.

    None when the notice is unknown, used, too old, or was voided by an earlier one: whoever says it first of the older
    change is believed, because the newer ones were told to whoever made it. Managers of staff are told, and operators
    of an operator.
    """
    notice = AccountNotice.objects.select_for_update(no_key=True).filter(id=notice_id).first()
    if notice is None or notice.used_at is not None or notice.expires_at <= at:
        return None
    AccountNotice.objects.filter(person_id=notice.person_id, created_at__gte=notice.created_at, used_at=None).update(
        used_at=at
    )
    done = identity.disown(person_id=notice.person_id, kind=notice.kind, facts=notice.facts)
    if done is None:
        return None
    what = letter_wording.WORDS[notice.kind].subject
    since = f"{notice.created_at.day} {notice.created_at:%B %Y, %H:%M} UTC"
    for watcher in done.watchers:
        letters.write(
            kind=Letter.COLLEAGUE_DISOWNED,
            to=watcher,
            facts={"who": done.name, "what": what, "since": since},
            at=at,
        )
    return Disowned(sign_in_with=done.email, is_undone=done.is_undone, managers_told=len(done.watchers))
