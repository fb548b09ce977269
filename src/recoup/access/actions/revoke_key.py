"""Taking a key away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from recoup.access import principals, tenancy
from recoup.access.models import ApiKey
from recoup.events import transactional as events
from recoup.kernel.errors import NotFound


@tenancy.action
def revoke_key(*, merchant_id: UUID, key_id: UUID, by: str, at: datetime) -> None:
    """The key opens nothing any more: here from the next request on, elsewhere within a second. Raises NotFound."""
    if not ApiKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=at):
        raise NotFound("There is no such key")
    transaction.on_commit(principals.forget)
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="key.revoked", subject_id=key_id, actor=by, data={})]
    )
