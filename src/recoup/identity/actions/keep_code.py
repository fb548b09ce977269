"""Keeping what somebody allowed an app, until the app comes for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.idp.oidc.models import Token

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity.grants import CODE_LIVES, Held, hash_of


@tenancy.action
def keep_code(
    *,
    merchant_id: UUID,
    app_id: UUID,
    person_id: UUID,
    code: str,
    scopes: Sequence[str],
    facts: Mapping[str, Any],
    at: datetime,
) -> None:
    """The app can bring the code once within a minute. `facts`: see `grants.Grant`, and what the code is bound to."""
    Token.objects.bulk_create(
        [
            Token(
                type=Held.CODE,
                hash=hash_of(code),
                client_id=str(app_id),
                user_id=person_id,
                scopes="\n".join(scopes),
                data=dict(facts),
                created_at=at,
                expires_at=at + CODE_LIVES,
            )
        ]
    )
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="app.allowed", subject_id=app_id, actor=f"person:{person_id}",
                data={"scopes": sorted(scopes)},
            )
        ]
    )  # fmt: skip
