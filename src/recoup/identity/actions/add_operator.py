"""Somebody begins to run this Recoup."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from recoup.identity.models import Person


@transaction.atomic(durable=True)
def add_operator(*, email: str, name: str, password: str) -> UUID:
    """The person can sign in and is an operator: of the platform, of no company. Gives the person's id."""
    person, is_new = Person.objects.get_or_create(email=email.lower(), defaults={"name": name})
    if is_new:
        EmailAddress.objects.bulk_create([EmailAddress(user=person, email=person.email, verified=True, primary=True)])
        person.set_password(password)
    Person.objects.filter(id=person.id).update(is_operator=True, password=person.password)
    return person.id
