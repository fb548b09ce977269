"""Replacing an endpoint's secret without a gap."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from recoup.access import sealing, tenancy
from recoup.callbacks import signing, transactional, wishes
from recoup.callbacks.models import Endpoint
from recoup.kernel.errors import Invalid

OVERLAP_H = 24
OVERLAP_H_MAX = 7 * 24


@tenancy.action
def rotate_secret(
    *, merchant_id: UUID, endpoint_id: UUID, by: str, at: datetime, overlap_h: int = OVERLAP_H
) -> tuple[datetime, str]:
    """Messages are signed with a new secret; for `overlap_h` hours with the one before as well, with 0 at once no more.

    Gives the end of the overlap and the new secret, shown this once. Raises NotFound, Invalid.
    """
    if not 0 <= overlap_h <= OVERLAP_H_MAX:
        raise Invalid(f"Both secrets can sign for 0 to {OVERLAP_H_MAX} hours")
    row = wishes.locked(merchant_id=merchant_id, endpoint_id=endpoint_id)
    secret, until = signing.new_secret(), at + timedelta(hours=overlap_h)
    Endpoint.objects.filter(id=row.id).update(
        secret_sealed=sealing.seal_for_us(secret),
        old_secret_sealed=row.secret_sealed if overlap_h else None,
        old_secret_until=until if overlap_h else None,
    )
    told = {"overlap_h": overlap_h}
    transactional.note("secret_rotated", merchant_id=merchant_id, endpoint_id=row.id, by=by, at=at, data=told)
    return until, secret
