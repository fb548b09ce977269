"""Taking payouts back before any rail has heard of them, inside the transaction of whoever decided it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.events import transactional as events
from recoup.ledger import transactional as ledger
from recoup.payments import journals
from recoup.payments.models import Payout
from recoup.payments.states import AlreadySending, PayoutState

_CANCEL = """
WITH canceled AS (
    UPDATE payments_payout
       SET state = 'canceled', fence = fence + 1, next_at = NULL, lease_until = NULL, look_up = false, finished_at = %s
     WHERE id = ANY(%s)
    RETURNING capture_id, amount_minor
)
UPDATE payments_capture c SET reserved_minor = c.reserved_minor - freed.minor
  FROM (SELECT capture_id, sum(amount_minor) AS minor FROM canceled GROUP BY capture_id) AS freed
 WHERE c.id = freed.capture_id
"""


def cancel(payouts: Sequence[Payout], *, by: str, at: datetime) -> None:
    """The locked payouts will never be sent; their reservations are gone from counters and books."""
    with connection.cursor() as cursor:
        cursor.execute(_CANCEL, [at, [payout.id for payout in payouts]])
    ledger.post([journals.voided(payout, at=at) for payout in payouts])
    events.record([payout.happening("payout.canceled", actor=by, at=at) for payout in payouts])


def cancel_unsent(*, merchant_id: UUID, case_id: UUID, by: str, at: datetime) -> None:
    """Every payout of the case is taken back, or none. Raises AlreadySending when one of them may have been heard.

    A payout that somebody else holds is being sent at this moment: nobody waits for the vault, nor it for us.
    """
    of_case = Payout.objects.filter(merchant_id=merchant_id, case_id=case_id).exclude(state=PayoutState.CANCELED)
    ours = list(of_case.select_for_update(no_key=True, skip_locked=True).order_by("id"))
    if len(ours) < of_case.count() or not all(payout.is_unheard() for payout in ours):
        raise AlreadySending
    cancel(ours, by=by, at=at)
