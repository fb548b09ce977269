"""A company's staff no longer sign in at its own identity provider."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity.models import IdentityProvider, ProviderDomain


@tenancy.action
def disconnect_provider(*, merchant_id: UUID, by: str, at: datetime) -> bool:
    """Nobody signs in there any more; its members keep their roles and sign in with accounts of their own.

    False when the company had no provider.
    """
    provider = IdentityProvider.objects.filter(merchant_id=merchant_id).first()
    if provider is None:
        return False
    happened = events.Happening(
        merchant_id=merchant_id, at=at, kind="identity_provider.disconnected", subject_id=provider.id, actor=by, data={}
    )
    ProviderDomain.objects.filter(provider=provider).delete()
    IdentityProvider.objects.filter(id=provider.id).delete()
    events.record([happened])
    return True
