"""A company always has somebody who manages it: asked in the transaction that would take a manager away."""

from __future__ import annotations

from uuid import UUID

from recoup.identity.models import Membership, Role
from recoup.kernel.errors import Refusal


class LastManager(Refusal):
    """Nobody would be left to invite people, to set limits and to look after keys."""

    code = "last_manager"
    status = 409
    title = "They are the last manager. Make somebody else a manager first"


def others_must_manage(*, merchant_id: UUID, person_id: UUID) -> None:
    """Somebody other than this person manages the company, until this transaction ends. Raises LastManager.

    All managers' rows are locked in one order, so of two managers who take each other's role away one is refused.
    """
    managers = Membership.objects.filter(merchant_id=merchant_id, role=Role.MANAGER, person__is_active=True)
    locked = list(managers.order_by("id").select_for_update(of=("self",)).values_list("person_id", flat=True))
    if person_id in locked and len(locked) == 1:
        raise LastManager
