"""Try a failed or returned payout again, as a person has decided."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel import ids
from recoup.payments.models import Capture, Payout
from recoup.payments.states import CaptureDisputed, MoveNotAllowed, PayoutNotThere, PayoutState


@tenancy.action
def retry_payout(*, merchant_id: UUID, payout_id: UUID, by: str, at: datetime) -> None:
    """The payout is queued as a new attempt with a key of its own; its money was reserved all along.

    The rail is asked first whether an earlier attempt has paid after all; only then is anything sent.

    Raises PayoutNotThere, MoveNotAllowed, CaptureDisputed.
    """
    payout = Payout.objects.select_for_update(no_key=True).filter(id=payout_id, merchant_id=merchant_id).first()
    if payout is None:
        raise PayoutNotThere
    if payout.state not in (PayoutState.FAILED, PayoutState.REVERSED) or payout.parked_at is not None:
        raise MoveNotAllowed(state=payout.state, is_parked=payout.parked_at is not None)
    if Capture.objects.filter(id=payout.capture_id, disputed_minor__gt=0).exists():
        raise CaptureDisputed
    epoch = payout.epoch + 1
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_payout SET state = 'queued', epoch = %s, idempotency_key = %s, fence = fence + 1,"
            " tries = 0, provider_refund_id = NULL, provider_reference = NULL, failure_code = NULL, look_up = true,"
            " submitted_at = NULL, accepted_at = NULL, finished_at = NULL, lease_until = NULL, next_at = now()"
            " WHERE id = %s",
            [epoch, ids.attempt_key(payout_id, epoch), payout_id],
        )
        cursor.execute("SELECT pg_notify('recoup_payouts', '')")
    events.record([payout.happening("payout.retried", actor=by, at=at, epoch=epoch)])
