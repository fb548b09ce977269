"""How far past cases have been decided again by the draft, and what they would have been told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.merchants.actions.draft_policy import DraftMoved
from recoup.merchants.models import PolicyDraft


@tenancy.action
def note_past_run(*, merchant_id: UUID, revision: int, past_run: Mapping[str, Any]) -> None:
    """It is kept with the draft until the draft changes. Raises DraftMoved when it has."""
    if not PolicyDraft.objects.filter(merchant_id=merchant_id, revision=revision).update(past_run=dict(past_run)):
        raise DraftMoved("A colleague changed the draft meanwhile, so past cases have to be tried again")
