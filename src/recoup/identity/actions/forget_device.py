"""Somebody forgets a browser that has signed in to their account."""

from __future__ import annotations

from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from recoup.identity.models import Device
from recoup.kernel.errors import NotFound


@transaction.atomic(durable=True)
def forget_device(*, person_id: UUID, device_id: UUID) -> None:
    """Whoever signs in with it is told of as a new one; sessions that it had have ended. Raises NotFound."""
    if not Device.objects.filter(person_id=person_id, id=device_id).delete()[0]:
        raise NotFound("There is no such browser")
    its = UserSession.objects.filter(user_id=person_id, data__device=str(device_id))
    Session.objects.filter(session_key__in=list(its.values_list("session_key", flat=True))).delete()
    its.delete()
