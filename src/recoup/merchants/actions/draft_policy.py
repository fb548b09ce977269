"""A company's managers work on a draft of its decision tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.kernel.errors import Refusal
from recoup.merchants.models import Merchant, PolicyDraft


class DraftMoved(Refusal):
    """A colleague changed the draft, put it in force or dropped it since this person saw it."""

    code = "draft_moved"
    title = "The draft has changed since you opened it"


@tenancy.action
def draft_policy(
    *, merchant_id: UUID, document: Mapping[str, Any], revision: int, by: str, at: datetime, based_on: int = 0
) -> int:
    """The draft holds this document; `revision` is the one that the person saw, 0 to begin. Gives the new one.

    The caller has validated it with `refunds.policy.read_policy`. What past cases would have been told is forgotten.
    Raises DraftMoved.
    """
    # The company's row is the lock: of two who begin at once, the second finds the first one's draft.
    Merchant.objects.select_for_update(no_key=True, of=("self",)).get(id=merchant_id)
    draft = PolicyDraft.objects.filter(merchant_id=merchant_id)
    told = {"document": dict(document), "past_run": {}, "changed_by": by, "changed_at": at}
    if revision == 0:
        if draft.exists():
            raise DraftMoved("A colleague has begun a draft already. It is kept as it is")
        PolicyDraft.objects.create(merchant_id=merchant_id, based_on=based_on, revision=1, **told)
        return 1
    if not draft.filter(revision=revision).update(revision=revision + 1, **told):
        raise DraftMoved("A colleague changed the draft meanwhile. Theirs is kept; yours was not")
    return revision + 1
