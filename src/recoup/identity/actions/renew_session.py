"""A session goes on under another number, which nobody can have known before."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction


@transaction.atomic(durable=True)
def renew_session(*, session: SessionBase) -> None:
    """The old number opens nothing; what is listed under it, and apps' tokens that end with it, are under the new one.

    What the session holds is saved by the door that opened it.
    """
    old = session.session_key
    session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=session.session_key)
