"""A merchant's own keys through the API."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from recoup.access import actions, documented, doors, keys
from recoup.access.actions.create_key import LIMIT_MAX, LimitTooHigh
from recoup.access.actions.rotate_key import KeyCanDoMore
from recoup.access.resources import Circumstances
from recoup.kernel import clock

router = Router(tags=["keys"])

Scope = Annotated[str, Field(json_schema_extra={"enum": sorted(keys.SCOPES)})]


class KeyIn(doors.Strict):
    """A new key: what it is for, what it may do, and how much it may approve alone (without: what the company lets
    keys), in minor units of the company's currency.
    """

    label: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10)]
    approve_limit_minor: Annotated[int, Field(ge=0, le=LIMIT_MAX)] | None = None


class KeyMadeOut(doors.Strict):
    """A new key. `secret` is shown this once; only its hash is kept."""

    id: UUID
    secret: str


class KeyRevokedOut(doors.Strict):
    """The key opens nothing any more."""

    id: UUID
    is_revoked: bool


@router.post(
    "",
    auth=doors.asks("keys:write"),
    summary="Create a key; its secret is shown once",
    operation_id="create_key",
    response={201: KeyMadeOut},
    openapi_extra=documented.tells(LimitTooHigh),
)
def create(request: HttpRequest, body: KeyIn) -> Status[dict[str, Any]]:
    """The new key can do at most what this one can."""
    who = doors.principal(request)
    given = Circumstances(given=frozenset(body.scopes))
    doors.need(request, "keys:write", circumstances=given)
    key_id, secret = actions.create_key(
        merchant_id=who.company,
        label=body.label,
        scopes=body.scopes,
        by=who.actor,
        at=clock.now(),
        approve_limit_minor=body.approve_limit_minor,
    )
    return Status(201, {"id": key_id, "secret": secret})


@router.post(
    "/{key_id}/rotate",
    auth=doors.asks("keys:write"),
    summary="Replace a key; the old one works another day",
    operation_id="rotate_key",
    response={201: KeyMadeOut},
    openapi_extra=documented.tells(KeyCanDoMore),
)
def rotate(request: HttpRequest, key_id: UUID) -> Status[dict[str, Any]]:
    """The new secret is shown once."""
    who = doors.principal(request)
    new_id, secret = actions.rotate_key(
        merchant_id=who.company, key_id=key_id, by=who.actor, at=clock.now(), within=who.scopes
    )
    return Status(201, {"id": new_id, "secret": secret})


@router.post(
    "/{key_id}/revoke",
    auth=doors.asks("keys:write"),
    summary="Revoke a key at once",
    operation_id="revoke_key",
    response={200: KeyRevokedOut},
)
def revoke(request: HttpRequest, key_id: UUID) -> dict[str, Any]:
    """From the next request on."""
    who = doors.principal(request)
    actions.revoke_key(merchant_id=who.company, key_id=key_id, by=who.actor, at=clock.now())
    return {"id": key_id, "is_revoked": True}
