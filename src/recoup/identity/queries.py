"""Who somebody is and what they may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import connection

from recoup.access.principals import Kind, Principal
from recoup.identity import codes
from recoup.identity.models import FormerPassword, Person
from recoup.identity.naming import Named, Pass, pass_named, people_of, person_named

__all__ = [
    "Guest",
    "Member",
    "Named",
    "Pass",
    "guest_by_token",
    "guest_of",
    "last_passwords",
    "memberships",
    "operators",
    "pass_named",
    "people_of",
    "person_named",
    "proved_contacts",
]

#: Nothing longer is worth a look into the database.
TOKEN_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A shopper with a pass: what it opens and whose address was proved."""

    pass_id: UUID
    merchant_id: UUID
    order_id: UUID | None
    case_id: UUID | None
    email: str

    @property
    def principal(self) -> Principal:
        """Who the authorizer is told."""
        return Principal(
            kind=Kind.GUEST,
            id=self.pass_id,
            merchant_id=self.merchant_id,
            role="guest",
            email=self.email,
            order_id=self.order_id,
            case_id=self.case_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody works for a company in a role."""

    merchant_id: UUID
    role: str


def guest_of(token: str, *, at: datetime) -> Guest | None:
    """Whom the token belongs to; None for an unknown, revoked or expired one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM identity_find_pass(%s)", [codes.hash_token(token)])
        row = cursor.fetchone()
    if row is None or row[5] <= at:
        return None
    return Guest(pass_id=row[0], merchant_id=row[1], order_id=row[2], case_id=row[3], email=row[4])


def guest_by_token(token: str, *, at: datetime) -> Principal | None:
    """The guest of one case, who shows the API a `gt_...`; None for an unknown, revoked or expired one, and for a
    pass of the pages: it opens an address's cases, and is none of the API's.
    """
    guest = guest_of(token, at=at) if len(token) <= TOKEN_MAX else None
    return guest.principal if guest is not None and guest.case_id is not None else None


def memberships(person_id: UUID) -> list[Member]:
    """The companies that a person works for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT merchant_id, role FROM identity_memberships(%s)", [person_id])
        return [Member(merchant_id=row[0], role=row[1]) for row in cursor.fetchall()]


def proved_contacts(person_id: UUID) -> tuple[str, ...]:
    """What a person has proved to be theirs: e-mail addresses in small letters, then the number in E.164. Read anew
    each time, so that one that was given up opens nothing from then on.
    """
    found = EmailAddress.objects.filter(user_id=person_id, verified=True).order_by("id").values_list("email", flat=True)
    phone = Person.objects.filter(id=person_id, phone_verified_at__isnull=False).values_list("phone", flat=True)
    return tuple(dict.fromkeys(contact for contact in (*(one.lower() for one in found), *phone) if contact))


def operators(person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those of them who run the platform, by id."""
    found = Person.objects.filter(id__in=person_ids, is_operator=True).values_list("id", "name")
    return dict(found)


def last_passwords(person_id: UUID) -> list[str]:
    """The hashes of the passwords that a person set last."""
    return list(FormerPassword.objects.filter(person_id=person_id).values_list("password", flat=True))
