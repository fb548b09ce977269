"""Who works for a company, as its managers see them, and what would end if somebody left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from django.db import connection

from recoup.access import tenancy
from recoup.access import transactional as access
from recoup.identity import inviting
from recoup.identity.models import App, Membership, Person, Role
from recoup.kernel.errors import NotFound

PEOPLE_MAX = 500
_PEOPLE = """
SELECT p.id, p.name, coalesce(p.email, ''), m.role,
       greatest(p.last_login, (SELECT max(u.last_seen_at) FROM usersessions_usersession u WHERE u.user_id = p.id)),
       array(SELECT DISTINCT a.type FROM mfa_authenticator a
              WHERE a.user_id = p.id AND a.type IN ('webauthn', 'totp') ORDER BY a.type)
  FROM identity_membership m JOIN identity_person p ON p.id = m.person_id
 WHERE m.merchant_id = %(merchant_id)s AND p.is_active AND (%(person_id)s::uuid IS NULL OR p.id = %(person_id)s)
 ORDER BY lower(p.name), p.email LIMIT %(limit)s
"""
_SESSIONS = "SELECT count(*) FROM usersessions_usersession WHERE user_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRoster:
    """Somebody who works for the company. `last_seen_at`: None for somebody who has never signed in; `factors`: the
    kinds of second factors that they have with us (`webauthn`, `totp`).
    """

    person_id: UUID
    name: str
    email: str
    role: str
    last_seen_at: datetime | None
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What ends when somebody leaves, in numbers; `apps` are the company's own that they connected, which go on.

    `works_elsewhere`: they work for another company too, so their password and second factors stay.
    """

    sessions: int
    apps_acting: int
    keys: int
    invitations: int
    second_factors: int
    apps: list[str]
    works_elsewhere: bool


@tenancy.query
def people(*, merchant_id: UUID) -> list[OnRoster]:
    """Everybody who works there, by name; at most PEOPLE_MAX."""
    return _people(merchant_id, None)


@tenancy.query
def one(*, merchant_id: UUID, person_id: UUID) -> OnRoster:
    """Somebody who works there. Raises NotFound."""
    found = _people(merchant_id, person_id)
    if not found:
        raise NotFound("Nobody like that works here")
    return found[0]


@tenancy.query
def is_last_manager(*, merchant_id: UUID, person_id: UUID) -> bool:
    """They manage the company, and nobody else does."""
    rows = Membership.objects.filter(merchant_id=merchant_id, role=Role.MANAGER, person__is_active=True)
    return list(rows.values_list("person_id", flat=True)[:2]) == [person_id]


@tenancy.query
def leaving(*, merchant_id: UUID, person_id: UUID) -> Leaving:
    """What would end if they left now."""
    who = f"person:{person_id}"
    with connection.cursor() as cursor:
        cursor.execute(_SESSIONS, [person_id])
        sessions = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM identity_memberships(%s)", [person_id])
        companies = cursor.fetchone()[0]
    acting = Token.objects.filter(user_id=person_id).values_list("client_id", flat=True).distinct()
    made = App.objects.filter(merchant_id=merchant_id, made_by=who, revoked_at=None).order_by("name")
    return Leaving(
        sessions=sessions,
        apps_acting=acting.count(),
        keys=len(access.keys_seen_by(who, merchant_id=merchant_id)),
        invitations=inviting.open_rows(merchant_id=merchant_id).filter(invited_by=who).count(),
        second_factors=Authenticator.objects.filter(user_id=person_id).exclude(type="recovery_codes").count(),
        apps=list(made.values_list("name", flat=True)),
        works_elsewhere=companies > 1,
    )


def name_of(actor: str) -> str:
    """How colleagues know `person:<id>`, whether they still work here or not; empty for everybody else."""
    kind, _, person_id = actor.partition(":")
    person = Person.objects.filter(id=person_id).first() if kind == "person" else None
    return (person.name or person.email or "") if person else ""


def _people(merchant_id: UUID, person_id: UUID | None) -> list[OnRoster]:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"merchant_id": merchant_id, "person_id": person_id, "limit": PEOPLE_MAX})
        rows = [dict(zip(OnRoster.__slots__, row, strict=True)) for row in cursor.fetchall()]
    return [OnRoster(**row | {"factors": tuple(row["factors"])}) for row in rows]
