"""Letting a company's server, app or booth ask for tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from allauth.idp.oidc.models import Client

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity import app_kinds, grants
from recoup.identity.models import App
from recoup.kernel.ids import uuid7


@tenancy.action
def create_app(
    *,
    merchant_id: UUID,
    name: str,
    kind: str,
    scopes: Collection[str],
    by: str,
    at: datetime,
    redirect_uris: Collection[str] = (),
) -> tuple[UUID, str]:
    """The app may ask for tokens with these scopes afterwards. Gives its id (the `client_id`) and its secret, which is
    never shown again; empty for kinds that can keep none. Raises Invalid.
    """
    known = app_kinds.check(name=name, kind=kind, redirect_uris=redirect_uris, scopes=scopes)
    secret = "" if known.is_public else app_kinds.new_secret()
    app = App(id=uuid7(), merchant_id=merchant_id, name=name, made_by=by, created_at=at)
    client = Client(
        id=str(app.id),
        name=name,
        secret=grants.hash_of(secret) if secret else "",
        type=Client.Type.PUBLIC if known.is_public else Client.Type.CONFIDENTIAL,
        data={"kind": kind},
        created_at=at,
    )
    client.set_scopes([*sorted(scopes), *(app_kinds.ABOUT_THE_PERSON if known.acts_for_people else ())])
    client.set_default_scopes(sorted(scopes))
    client.set_grant_types([str(one) for one in known.grant_types])
    client.set_redirect_uris(list(redirect_uris))
    client.set_response_types(["code"] if known.sends_people_back else [])
    App.objects.bulk_create([app])
    Client.objects.bulk_create([client])
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="app.created", subject_id=app.id, actor=by,
                data={"kind": kind, "scopes": sorted(scopes)},
            )
        ]
    )  # fmt: skip
    return app.id, secret
