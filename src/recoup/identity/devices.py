"""Where somebody is signed in, and which browsers have signed in to their account before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from recoup.identity.models import Device

#: As long as the browser keeps its cookie. A device that was not seen for so long is forgotten.
KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session whose row lives; `holds` is what it keeps, by which the web knows whether its time is over."""

    id: int
    key: str
    device_id: UUID | None
    began_at: datetime
    holds: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDevice:
    """A browser by the name that we give it."""

    id: UUID
    name: str
    first_seen_at: datetime
    last_seen_at: datetime


def open_sessions(person_id: UUID, *, at: datetime) -> list[OpenSession]:
    """The newest first."""
    listed = {one.session_key: one for one in UserSession.objects.filter(user_id=person_id).order_by("-pk")}
    rows = {row.session_key: row for row in Session.objects.filter(session_key__in=list(listed), expire_date__gt=at)}
    return [
        OpenSession(
            id=one.pk,
            key=key,
            device_id=UUID(one.data["device"]) if "device" in one.data else None,
            began_at=one.created_at,
            holds=rows[key].get_decoded(),
        )
        for key, one in listed.items()
        if key in rows
    ]


def of_person(person_id: UUID) -> list[SeenDevice]:
    """The last one used first."""
    found = Device.objects.filter(person_id=person_id).order_by("-last_seen_at", "id")
    return [
        SeenDevice(id=one.id, name=one.name, first_seen_at=one.first_seen_at, last_seen_at=one.last_seen_at)
        for one in found
    ]


def hash_of(token: str) -> bytes:
    """How the token of a browser's cookie is kept."""
    return hashlib.sha256(token.encode()).digest()
