"""What others may do to a company's row inside their own transaction."""

from __future__ import annotations

from uuid import UUID

from recoup.kernel.errors import NotFound
from recoup.merchants.models import Merchant


def verify(*, merchant_id: UUID, is_verified: bool) -> bool:
    """The company has the badge that shoppers see, or not; False when it was so already. Raises NotFound."""
    company = Merchant.objects.select_for_update(no_key=True).filter(id=merchant_id).first()
    if company is None:
        raise NotFound("There is no such company")
    if company.is_verified == is_verified:
        return False
    Merchant.objects.filter(id=merchant_id).update(is_verified=is_verified)
    return True
