"""Somebody begins to work for a company."""

from __future__ import annotations

from uuid import UUID

from recoup.access import tenancy
from recoup.identity.models import Membership, Person


@tenancy.action
def add_member(*, merchant_id: UUID, email: str, name: str, password: str, role: str) -> UUID:
    """The person can sign in and works for the company in that role. Gives the person's id."""
    person = Person.objects.filter(email=email.lower()).first()
    if person is None:
        person = Person(email=email.lower(), name=name)
        person.set_password(password)
        Person.objects.bulk_create([person])
    Membership.objects.update_or_create(person=person, merchant_id=merchant_id, defaults={"role": role})
    return person.id
