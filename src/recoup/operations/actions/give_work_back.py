"""Work that was put aside is tried again: "run again"."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import claims
from recoup.kernel.errors import NotFound, Refusal
from recoup.operations import queues, transactional
from recoup.payments import transactional as payments


class NotParked(Refusal):
    """It runs already, or was done meanwhile. Nothing was changed."""

    code = "not_parked"
    status = 409
    title = "This is not put aside any more"


@tenancy.action
def give_work_back(*, merchant_id: UUID, queue: str, key: str, by: str, at: datetime) -> None:
    """The row is due again with all its tries before it. A payment is looked up at its provider before it is sent.

    Raises NotFound for a queue or key that is none, NotParked, and for payments MoveNotAllowed, PayoutNotThere.
    """
    wanted = next((one for one in queues.RETURNABLE if one.name == queue), None)
    row_id = _row_id(key)
    if wanted is None or row_id is None or isinstance(row_id, int) != (queue == "receipts"):
        raise NotFound("There is no such work")
    if isinstance(row_id, UUID) and wanted.name == "payouts":
        payments.release(merchant_id=merchant_id, payout_id=row_id, by=by, at=at)
    elif not claims.give_back(
        table=wanted.table,
        noun=wanted.noun,
        row_id=row_id,
        merchant_id=merchant_id,
        channel=wanted.channel,
        due=wanted.due,
        by=by,
        at=at,
    ):
        raise NotParked
    transactional.note(merchant_id=merchant_id, kind=f"{wanted.noun}.released", subject=key, why="", by=by, at=at)


def _row_id(key: str) -> UUID | int | None:
    """Tables have ids that are UUIDs, or numbers; what is neither is no key."""
    if key.isascii() and key.isdigit() and len(key) < 19:
        return int(key)
    try:
        return UUID(key)
    except ValueError:
        return None
