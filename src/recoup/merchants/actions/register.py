"""A company joins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Refusal
from recoup.merchants.models import Merchant, Mode


class SlugTaken(Refusal):
    """Another company has this address."""

    code = "slug_taken"
    title = "Another company has this short name"


@tenancy.action
def register(
    *,
    merchant_id: UUID,
    slug: str,
    name: str,
    country: str,
    currency: str,
    by: str,
    at: datetime,
    is_verified: bool = False,
    is_live: bool = False,
    tender_strategy: str = "ratio",
    support_email: str = "",
) -> None:
    """The company takes part, in practice mode unless `is_live`. Raises SlugTaken."""
    if Merchant.objects.filter(slug=slug).exists():
        raise SlugTaken(f"The short name {slug} belongs to another company")
    Merchant.objects.create(
        id=merchant_id,
        slug=slug,
        name=name,
        country=country,
        currency=currency,
        mode=Mode.LIVE if is_live else Mode.PRACTICE,
        is_verified=is_verified,
        tender_strategy=tender_strategy,
        support_email=support_email,
        created_at=at,
    )
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="merchant.registered", subject_id=merchant_id, actor=by)]
    )
