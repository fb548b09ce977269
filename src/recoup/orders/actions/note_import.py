"""How far an import is."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.kernel.errors import Refusal
from recoup.orders.actions.take_import import LEASE_S

_NOTE = """
UPDATE orders_importrun SET bytes_read = %s, rows_read = %s, lease_until = now() + make_interval(secs => %s)
 WHERE id = %s AND merchant_id = %s AND fence = %s AND finished_at IS NULL
"""


class SomebodyElseHasIt(Refusal):
    """The lease ended, and another worker goes on with it."""

    code = "import_taken"
    title = "Somebody else goes on with this import"


@tenancy.action
def note_import(*, merchant_id: UUID, run_id: UUID, fence: int, bytes_read: int, rows_read: int) -> None:
    """The page shows it, and the lease is renewed. Raises SomebodyElseHasIt."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [bytes_read, rows_read, LEASE_S, run_id, merchant_id, fence])
        if cursor.rowcount != 1:
            raise SomebodyElseHasIt
