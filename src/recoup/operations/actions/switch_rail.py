"""Payments by one account of a company are stopped, or go on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.operations import transactional
from recoup.payments import transactional as payments


@tenancy.action
def switch_rail(*, merchant_id: UUID, rail_account_id: UUID, is_on: bool, why: str, by: str, at: datetime) -> None:
    """While it is off the vault claims no payout of the account: what is promised waits, and nothing is lost.

    Nothing is written down when it stood like that already. Raises NotFound.
    """
    if payments.switch(merchant_id=merchant_id, rail_account_id=rail_account_id, is_on=is_on):
        kind = "rail.switched_on" if is_on else "rail.switched_off"
        transactional.record(merchant_id=merchant_id, kind=kind, subject_id=rail_account_id, why=why, by=by, at=at)
