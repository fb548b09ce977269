"""What other contexts may do to a company's keys inside their own transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from recoup.access import principals
from recoup.access.models import ApiKey
from recoup.events import transactional as events

#: Whoever makes a key learns its secret, and so does whoever replaces one.
_SECRETS_SEEN = """
SELECT k.id FROM access_apikey k
 WHERE k.merchant_id = %(merchant_id)s AND k.revoked_at IS NULL
   AND k.id IN (SELECT e.subject_id FROM events_event e
                 WHERE e.merchant_id = %(merchant_id)s AND e.actor = %(actor)s AND e.kind = 'key.created'
                 UNION ALL
                SELECT (e.data->>'new')::uuid FROM events_event e
                 WHERE e.merchant_id = %(merchant_id)s AND e.actor = %(actor)s AND e.kind = 'key.rotated')
 ORDER BY k.id
"""


def keys_seen_by(actor: str, *, merchant_id: UUID) -> list[UUID]:
    """The live keys whose secret that actor was shown."""
    assert connection.in_atomic_block, "keys are looked up inside their company's transaction"  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute(_SECRETS_SEEN, {"merchant_id": merchant_id, "actor": actor})
        return [row[0] for row in cursor.fetchall()]


def revoke_keys_seen_by(actor: str, *, merchant_id: UUID, by: str, at: datetime) -> int:
    """None of those opens anything once this transaction commits; elsewhere within a second. Gives how many."""
    ended = keys_seen_by(actor, merchant_id=merchant_id)
    if not ended:
        return 0
    ApiKey.objects.filter(id__in=ended).update(revoked_at=at)
    transaction.on_commit(principals.forget)
    events.record(
        [
            events.Happening(merchant_id=merchant_id, at=at, kind="key.revoked", subject_id=key_id, actor=by, data={})
            for key_id in ended
        ]
    )
    return len(ended)
