"""Giving an app its tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.idp.oidc.models import Token
from django.db import transaction

from recoup.identity.grants import ACCESS_LIVES, FAMILY_LIVES, REFRESH_LIVES, Held, hash_of


class SpentBefore(Exception):
    """What can be shown once was shown twice."""


@transaction.atomic(durable=True)
def issue_tokens(
    *,
    app_id: UUID,
    person_id: UUID | None,
    scopes: Sequence[str],
    granted: Sequence[str],
    facts: Mapping[str, Any],
    jti: str,
    refresh_token: str,
    spends: int | None,
    at: datetime,
) -> timedelta:
    """An access token of that `jti` counts for ten minutes, and a refresh token (unless it is empty) for all scopes
    that were granted. What they are given for, the row `spends`, is spent. Gives how long the refresh token lives.

    Raises SpentBefore: nothing was given then, and somebody else has what this app has shown.
    """
    if spends is not None and not _spend(spends, until=at + REFRESH_LIVES):
        raise SpentBefore
    ends_at = min(at + REFRESH_LIVES, datetime.fromtimestamp(facts["began"], tz=at.tzinfo) + FAMILY_LIVES)
    common = {"client_id": str(app_id), "user_id": person_id, "data": dict(facts), "created_at": at}
    rows = [
        Token(
            type=Held.ACCESS, hash=hash_of(jti), scopes="\n".join(scopes), expires_at=at + ACCESS_LIVES, **common
        )
    ]  # fmt: skip
    if refresh_token:
        rows.append(
            Token(
                type=Held.REFRESH,
                hash=hash_of(refresh_token),
                scopes="\n".join(granted),
                expires_at=ends_at,
                **common,
            )
        )
    Token.objects.bulk_create(rows)
    return ends_at - at


def _spend(token_id: int, *, until: datetime) -> bool:
    """Of several at once, one wins. The row stays so long that whoever shows it again is recognised."""
    good_once = (Held.CODE, Held.REFRESH, Held.DEVICE)
    return bool(Token.objects.filter(id=token_id, type__in=good_once).update(type=Held.SPENT, expires_at=until))
