"""Somebody begins to work for a company."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress

from recoup.access import tenancy
from recoup.identity.models import Membership, Person


@tenancy.action
def add_member(*, merchant_id: UUID, email: str, name: str, password: str, role: str) -> UUID:
    """The person can sign in and works for the company in that role. Gives the person's id.

    Whoever adds them vouches for the address. Their second factor is theirs to set up when they first sign in.
    """
    person = Person.objects.filter(email=email.lower()).first()
    if person is None:
        person = Person(email=email.lower(), name=name)
        person.set_password(password)
        Person.objects.bulk_create([person])
        EmailAddress.objects.bulk_create([EmailAddress(user=person, email=person.email, verified=True, primary=True)])
    Membership.objects.update_or_create(person=person, merchant_id=merchant_id, defaults={"role": role})
    return person.id
