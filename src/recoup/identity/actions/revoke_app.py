"""Letting an app ask for nothing any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.idp.oidc.models import Client

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity.models import App
from recoup.kernel.errors import NotFound


@tenancy.action
def revoke_app(*, merchant_id: UUID, app_id: UUID, by: str, at: datetime) -> None:
    """From the next request on no token of it opens anything, and it gets no new one. Raises NotFound."""
    changed = App.objects.filter(merchant_id=merchant_id, id=app_id, revoked_at=None).update(revoked_at=at)
    if not changed:
        raise NotFound("There is no such app, or it was revoked before")
    Client.objects.filter(id=str(app_id)).delete()
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="app.revoked", subject_id=app_id, actor=by, data={})]
    )
