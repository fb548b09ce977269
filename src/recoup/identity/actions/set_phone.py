"""A person has another phone number, or none any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from recoup.identity.models import Person
from recoup.kernel.errors import Refusal


class PhoneTaken(Refusal):
    """The number opens somebody else's account. Said only to whoever has just proved that the number is theirs."""

    code = "phone_taken"
    status = 409
    title = "That number already opens another account. Sign in with it to see that account"


class NothingLeft(Refusal):
    """The number is all there is to reach the person by."""

    code = "nothing_left"
    status = 409
    title = "Add an e-mail address first: without your number you could not sign in any more"


@transaction.atomic(durable=True)
def set_phone(*, person_id: UUID, phone: str, at: datetime) -> str:
    """The number (E.164), proved by a code, opens the account from now on; an empty one: no number does.

    Gives the number before, empty for none. Raises PhoneTaken, NothingLeft.
    """
    person = Person.objects.select_for_update(no_key=True).get(id=person_id)
    before = person.phone or ""
    if not phone and not person.email:
        raise NothingLeft
    if phone and Person.objects.filter(phone=phone).exclude(id=person_id).exists():
        raise PhoneTaken
    Person.objects.filter(id=person_id).update(phone=phone or None, phone_verified_at=at if phone else None)
    return before
