"""Giving a parked payout back to the vault, inside the transaction of whoever decided it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.events import transactional as events
from recoup.payments import rulings
from recoup.payments.models import Payout
from recoup.payments.states import MoveNotAllowed, PayoutNotThere


def release(*, merchant_id: UUID, payout_id: UUID, by: str, at: datetime) -> None:
    """The payout is looked up next, whatever its state was; only then may it be sent.

    Raises PayoutNotThere, MoveNotAllowed.
    """
    payout = Payout.objects.select_for_update(no_key=True).filter(id=payout_id, merchant_id=merchant_id).first()
    if payout is None:
        raise PayoutNotThere
    if payout.parked_at is None:
        raise MoveNotAllowed(state=payout.state, is_parked=False)
    is_asked = payout.state in rulings.ASKED
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_payout SET parked_at = NULL, tries = 0, look_up = %s,"
            " next_at = CASE WHEN %s THEN now() END WHERE id = %s",
            [is_asked, is_asked, payout_id],
        )
        cursor.execute("SELECT pg_notify('recoup_payouts', '')")
    events.record([payout.happening("payout.released", actor=by, at=at)])
