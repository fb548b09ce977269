"""Somebody typed the code that was sent to their address or number: they are who has it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from recoup.identity.actions.end_sign_ins import end_sign_ins
from recoup.identity.models import Person


@transaction.atomic(durable=True)
def enter_by_code(*, email: str = "", phone: str = "", at: datetime) -> UUID:
    """Gives the person of that address, or of that number (E.164): the one who proved it before, or a new account.

    An account that somebody made with the address and never proved is its owner's from now on: whatever its maker may
    still hold (a password, second factors, sessions) ends.
    """
    return _of_number(phone, at) if phone else _of_address(email.strip().lower())


def _of_address(email: str) -> UUID:
    proved = EmailAddress.objects.filter(email=email, verified=True).first()
    if proved is not None:
        return UUID(str(proved.user_id))
    person, is_new = Person.objects.get_or_create(email=email, defaults={"password": _none()})
    if not is_new:
        end_sign_ins(person_id=person.id, proofs_too=True)
    has_main = EmailAddress.objects.filter(user=person, primary=True).exclude(email=email).exists()
    EmailAddress.objects.update_or_create(
        user=person, email=email, defaults={"verified": True, "primary": not has_main}
    )
    return person.id


def _of_number(phone: str, at: datetime) -> UUID:
    person, _ = Person.objects.get_or_create(
        phone=phone, defaults={"email": None, "password": _none(), "phone_verified_at": at}
    )
    if person.phone_verified_at is None:
        end_sign_ins(person_id=person.id, proofs_too=True)
        Person.objects.filter(id=person.id).update(phone_verified_at=at)
    return person.id


def _none() -> str:
    """What stands for "no password"."""
    person = Person()
    person.set_unusable_password()
    return person.password
