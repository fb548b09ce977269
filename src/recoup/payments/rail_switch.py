"""Stopping and starting the payments of one account at a provider, inside the transaction of whoever decided it."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from recoup.kernel.errors import NotFound
from recoup.payments.models import RailAccount


def switch(*, merchant_id: UUID, rail_account_id: UUID, is_on: bool) -> bool:
    """The vault claims payouts of the account, or none; False when it stood like that already. Raises NotFound."""
    account = (
        RailAccount.objects.select_for_update(no_key=True).filter(id=rail_account_id, merchant_id=merchant_id).first()
    )
    if account is None:
        raise NotFound("There is no such account")
    if account.is_enabled == is_on:
        return False
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_railaccount SET is_enabled = %s WHERE id = %s", [is_on, rail_account_id])
        cursor.execute("SELECT pg_notify('recoup_payouts', '')")
    return True
