"""Giving an app another secret."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.idp.oidc.models import Client

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity import app_kinds, grants
from recoup.identity.models import App
from recoup.kernel.errors import Invalid, NotFound


@tenancy.action
def replace_app_secret(*, merchant_id: UUID, app_id: UUID, by: str, at: datetime) -> str:
    """The one before is worth nothing from now on; tokens that were given for it stay. Gives the new one, which is
    never shown again. Raises NotFound, Invalid for an app that has none.
    """
    if not App.objects.filter(merchant_id=merchant_id, id=app_id, revoked_at=None).exists():
        raise NotFound("There is no such app, or it was revoked")
    secret = app_kinds.new_secret()
    if not Client.objects.filter(id=str(app_id)).exclude(secret="").update(secret=grants.hash_of(secret)):
        raise Invalid("An app of this kind has no secret: anybody can open it and look")
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="app.secret_replaced", subject_id=app_id, actor=by, data={}
            )
        ]
    )
    return secret
