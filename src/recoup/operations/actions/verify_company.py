"""A company gets the badge that shoppers see, or loses it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.merchants import transactional as merchants
from recoup.operations import transactional


@tenancy.action
def verify_company(*, merchant_id: UUID, is_verified: bool, why: str, by: str, at: datetime) -> None:
    """The badge is as wished. Nothing is written down when it was so already. Raises NotFound."""
    if merchants.verify(merchant_id=merchant_id, is_verified=is_verified):
        kind = "company.verified" if is_verified else "company.unverified"
        transactional.record(merchant_id=merchant_id, kind=kind, subject_id=merchant_id, why=why, by=by, at=at)
