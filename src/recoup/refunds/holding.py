"""Whether money of a case is promised, on its way or paid: then a decision can add to it, and not pretend it away."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from recoup.payments import queries as payments
from recoup.payments.states import PayoutState
from recoup.refunds.locking import MoveNotAllowed
from recoup.refunds.models import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """`has_claims`: units or delivery are taken. `live_minor`: the sum of the payouts that are not canceled."""

    has_claims: bool
    has_canceled: bool
    live_minor: int
    needs_person: bool


def holding_of(case: Case) -> Holding:
    """What the locked case holds now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM refunds_caseline WHERE case_id = %s AND NOT isempty(units))", [case.id]
        )
        has_units = bool(cursor.fetchone()[0])
    payouts = payments.payouts_of_case(merchant_id=case.merchant_id, case_id=case.id)
    live = [payout for payout in payouts if payout.state is not PayoutState.CANCELED]
    return Holding(
        has_claims=has_units or case.shipping_granted_minor > 0,
        has_canceled=len(live) < len(payouts),
        live_minor=sum(payout.amount_minor for payout in live),
        needs_person=any(payout.needs_person for payout in live),
    )


def must_hold_nothing(case: Case) -> None:
    """Nothing happens when no money of the case is promised or paid. Raises MoveNotAllowed."""
    holding = holding_of(case)
    if holding.has_claims or holding.live_minor:
        raise MoveNotAllowed(
            "Money of this case is promised or paid: try its payout again, or cancel it and call the case off",
            state=case.state,
        )
