"""Apps as their company sees them, as the protocol does, and as the people they act for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.idp.oidc.models import Client, Token
from django.db import connection

from recoup.access import tenancy
from recoup.identity import app_kinds, grants
from recoup.identity.grants import Held
from recoup.identity.models import App
from recoup.kernel.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class AppView:
    """An app of a company, without its secret. A revoked one has no kind and no scopes any more."""

    id: UUID
    name: str
    kind: app_kinds.Kind | None
    scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    made_by: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A live app as the protocol needs it."""

    id: UUID
    merchant_id: UUID
    name: str
    client: Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What a person let an app do; `family` names the grant."""

    family: str
    app_id: UUID
    app_name: str
    scopes: tuple[str, ...]
    since: datetime


@tenancy.query
def of_company(*, merchant_id: UUID) -> list[AppView]:
    """All apps of the company, newest first; at most 200."""
    rows = list(App.objects.filter(merchant_id=merchant_id).order_by("-id")[:200])
    clients = {client.id: client for client in Client.objects.filter(id__in=[str(row.id) for row in rows])}
    return [_view(row, clients.get(str(row.id))) for row in rows]


@tenancy.query
def one_of_company(*, merchant_id: UUID, app_id: UUID) -> AppView:
    """The app. Raises NotFound."""
    row = App.objects.filter(merchant_id=merchant_id, id=app_id).first()
    if row is None:
        raise NotFound("There is no such app")
    return _view(row, Client.objects.filter(id=str(app_id)).first())


def registered(client_id: str) -> Registered | None:
    """The live app of that id, whosever it is; None for any other text."""
    try:
        app_id = UUID(client_id)
    except ValueError:
        return None
    if str(app_id) != client_id:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT merchant_id, name FROM identity_find_app(%s)", [app_id])
        row = cursor.fetchone()
    client = Client.objects.filter(id=client_id).first() if row else None
    return Registered(id=app_id, merchant_id=row[0], name=row[1], client=client) if row and client else None


def connected_to(person_id: UUID, *, at: datetime) -> list[Connected]:
    """The apps that may act for somebody, newest first. Some of it may not count any more: the role is another one."""
    rows = Token.objects.filter(user_id=person_id, type__in=(Held.ACCESS, Held.REFRESH), expires_at__gt=at)
    found: dict[str, Connected] = {}
    for row in rows.select_related("client").order_by("-id")[:500]:
        family = row.data["family"]
        scopes = {*row.scopes.split(), *(found[family].scopes if family in found else ())}
        found[family] = Connected(
            family=family,
            app_id=UUID(row.client_id),
            app_name=row.client.name,
            scopes=tuple(sorted(scopes)),
            since=datetime.fromtimestamp(row.data["began"], tz=at.tzinfo),
        )
    return list(found.values())


def device_waiting(user_code: str, *, at: datetime) -> grants.Grant | None:
    """What the device asks for that shows these letters; None when no device waits under them."""
    hashed = grants.hash_of_user_code(user_code)
    rows = Token.objects.filter(type=Held.DEVICE, data__user_code=hashed, data__answer=None, expires_at__gt=at)
    row = rows.first()
    found = grants.find(Held.DEVICE, row.hash, at=at) if row else None
    return found if found is not None and found.expires_at > at else None


def _view(row: App, client: Client | None) -> AppView:
    return AppView(
        id=row.id,
        name=row.name,
        kind=app_kinds.of(client) if client else None,
        scopes=tuple(client.get_default_scopes()) if client else (),
        redirect_uris=tuple(client.get_redirect_uris()) if client else (),
        made_by=row.made_by,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
