"""A person has a new password."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from recoup.identity.models import FormerPassword

REMEMBERED = 5


@transaction.atomic(durable=True)
def remember_password(*, person_id: UUID, hashed: str) -> None:
    """It is known as one of their last five, which are not taken again; older ones are forgotten."""
    if FormerPassword.objects.filter(person_id=person_id, password=hashed).exists():
        return
    FormerPassword.objects.bulk_create([FormerPassword(person_id=person_id, password=hashed)])
    kept = FormerPassword.objects.filter(person_id=person_id).order_by("-id").values_list("id", flat=True)[:REMEMBERED]
    FormerPassword.objects.filter(person_id=person_id).exclude(id__in=list(kept)).delete()
