"""People and guests by the names that somebody types: an address, an id. Inside the transaction of who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast

from recoup.identity.models import GuestPass, Membership, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody with an account. `roles`: company -> role, as far as this transaction may see companies."""

    person_id: UUID
    email: str
    name: str
    is_operator: bool
    is_active: bool
    roles: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A guest's pass, live or not, without its token."""

    id: UUID
    merchant_id: UUID
    order_id: UUID | None
    case_id: UUID | None
    email: str
    is_live: bool


def person_named(name: str) -> Named | None:
    """The person of that address or id."""
    by_id = _uuid(name)
    found = Person.objects.filter(id=by_id) if by_id else Person.objects.filter(email=name.strip().lower())
    person = found.first()
    if person is None:
        return None
    rows = Membership.objects.filter(person=person).values_list("merchant_id", "role")
    return _named(person, dict(rows))


def people_of(*, merchant_id: UUID) -> list[Named]:
    """Who works for the company, by name; at most 500."""
    rows = Membership.objects.filter(merchant_id=merchant_id).select_related("person").order_by("person__name", "id")
    return [_named(row.person, {merchant_id: row.role}) for row in rows[:500]]


def pass_named(name: str, *, at: datetime) -> Pass | None:
    """The guest's pass whose id begins like that; None when there is none, or more than one."""
    rows = list(GuestPass.objects.annotate(text=Cast("id", TextField())).filter(text__startswith=name.lower())[:2])
    if len(rows) != 1:
        return None
    (row,) = rows
    return Pass(
        id=row.id,
        merchant_id=row.merchant_id,
        order_id=row.order_id,
        case_id=row.case_id,
        email=row.email,
        is_live=row.revoked_at is None and row.expires_at > at,
    )


def _named(person: Person, roles: dict[UUID, str]) -> Named:
    return Named(
        person_id=person.id,
        email=person.email or "",
        name=person.name,
        is_operator=person.is_operator,
        is_active=person.is_active,
        roles=roles,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
