"""Somebody may not sign in any more, as anybody."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from recoup.identity.actions.end_sign_ins import Ended, end_sign_ins
from recoup.identity.models import Person


@transaction.atomic(durable=True)
def close_account(*, person_id: UUID) -> Ended:
    """The account is no operator's and opens for nobody; what was done with it stays known by its id."""
    ended = end_sign_ins(person_id=person_id, proofs_too=True)
    Person.objects.filter(id=person_id).update(is_active=False, is_operator=False)
    return ended
