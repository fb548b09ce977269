"""Somebody is told that something about their account changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from recoup.notifications import letters
from recoup.notifications.models import AccountNotice
from recoup.notifications.states import Change

#: How long "This was not me" may be said.
MAY_BE_DISOWNED = timedelta(days=7)


@transaction.atomic
def tell_of_change(
    *,
    person_id: UUID,
    kind: Change,
    to: Collection[str],
    facts: Mapping[str, str],
    url: Callable[[UUID], str],
    at: datetime,
) -> UUID:
    """Each address of `to` is sent the same letter, with the link that `url` makes of the notice's id, which is given.

    The letters and the notice that the link answers are written together, in the transaction of the change when there
    is one.
    """
    notice = AccountNotice(
        person_id=person_id, kind=kind, facts=dict(facts), created_at=at, expires_at=at + MAY_BE_DISOWNED
    )
    AccountNotice.objects.bulk_create([notice])
    told = {**facts, "when": _spoken(at), "until": _spoken(notice.expires_at), "url": url(notice.id)}
    for address in dict.fromkeys(to):
        letters.write(kind=kind, to=address, facts={**told, "button": "This was not me"}, at=at)
    return notice.id


def _spoken(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
