"""Saying yes or no to a device whose letters one has typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.idp.oidc.models import Token

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity.grants import Held


@tenancy.action
def answer_device(
    *, merchant_id: UUID, token_id: int, app_id: UUID, person_id: UUID, facts: Mapping[str, Any] | None, at: datetime
) -> bool:
    """The device hears yes with these `facts`, or no without. False when it was answered before, or too late."""
    row = Token.objects.select_for_update(no_key=True, of=("self",)).filter(id=token_id, type=Held.DEVICE).first()
    if row is None or row.expires_at <= at or row.data["answer"] is not None:
        return False
    row.data |= {"answer": bool(facts), **(facts or {})}
    Token.objects.filter(id=token_id).update(data=row.data, user_id=person_id)
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="app.allowed" if facts else "app.refused", subject_id=app_id,
                actor=f"person:{person_id}", data={"scopes": sorted(row.scopes.split())},
            )
        ]
    )  # fmt: skip
    return True
