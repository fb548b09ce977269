"""Somebody signs browsers of theirs out from afar."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction


@transaction.atomic(durable=True)
def end_sessions(*, person_id: UUID, session_ids: Collection[int]) -> int:
    """These sessions of theirs open nothing any more, nor do apps' tokens that go with them; gives their number."""
    listed = UserSession.objects.filter(user_id=person_id, pk__in=session_ids)
    Session.objects.filter(session_key__in=list(listed.values_list("session_key", flat=True))).delete()
    ended, _ = listed.delete()
    return int(ended)
