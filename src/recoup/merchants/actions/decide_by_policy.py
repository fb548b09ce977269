"""A company decides by other tables from now on: those of its draft, or those of an earlier version again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.merchants.actions.draft_policy import DraftMoved
from recoup.merchants.models import Merchant, PolicyDraft, PolicyVersion

NOTE_MAX = 500


@tenancy.action
def decide_by_policy(
    *,
    merchant_id: UUID,
    document: Mapping[str, Any],
    content_hash: str,
    note: str,
    by: str,
    at: datetime,
    draft_revision: int | None = None,
) -> int:
    """A new version with these tables decides from now on; gives its number. No version is ever changed: going back
    to an earlier one is a new version with its tables. With `draft_revision`, the draft of that revision has become it.

    The caller has validated the document with `refunds.policy.read_policy`. Raises Invalid, DraftMoved.
    """
    if not 0 < len(note.strip()) <= NOTE_MAX:
        raise Invalid(f"Say why, in at most {NOTE_MAX} letters: your colleagues read it")
    # The company's row is the lock: of two who change at once, the second comes after the first.
    Merchant.objects.select_for_update(no_key=True, of=("self",)).get(id=merchant_id)
    if draft_revision is not None:
        draft = PolicyDraft.objects.filter(merchant_id=merchant_id, revision=draft_revision)
        if not draft.delete()[0]:
            raise DraftMoved("A colleague changed the draft meanwhile. Nothing decides differently yet")
    highest = PolicyVersion.objects.filter(merchant_id=merchant_id).aggregate(Max("number"))["number__max"] or 0
    version = PolicyVersion.objects.create(
        merchant_id=merchant_id,
        number=highest + 1,
        document=dict(document),
        content_hash=content_hash,
        note=note.strip(),
        created_by=by,
        created_at=at,
        enabled_at=at,
    )
    told: dict[str, Any] = {"merchant_id": merchant_id, "at": at, "subject_id": version.id, "actor": by}
    events.record([events.Happening(kind=kind, **told) for kind in ("policy.added", "policy.enabled")])
    return version.number
