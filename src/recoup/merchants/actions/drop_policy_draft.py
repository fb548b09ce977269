"""A company gives up the draft of its decision tables."""

from __future__ import annotations

from uuid import UUID

from recoup.access import tenancy
from recoup.merchants.actions.draft_policy import DraftMoved
from recoup.merchants.models import PolicyDraft


@tenancy.action
def drop_policy_draft(*, merchant_id: UUID, revision: int) -> None:
    """There is no draft any more. Raises DraftMoved when it is not the one that the person saw."""
    if not PolicyDraft.objects.filter(merchant_id=merchant_id, revision=revision).delete()[0]:
        raise DraftMoved("A colleague changed the draft meanwhile. It is kept as it is now")
