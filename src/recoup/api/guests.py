"""Tokens that open one case, for a company that gives them to its shoppers: docs/guests.md."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from recoup.access import doors
from recoup.identity import actions as identity
from recoup.kernel import clock
from recoup.refunds import queries

router = Router(tags=["guests"])


class GuestTokenOut(doors.Strict):
    """Shown this once. The case is all that it opens."""

    token: Annotated[str, Field(description="`gt_` and 128 random bits; sent as `Authorization: Bearer gt_...`")]
    case_id: UUID
    expires_at: datetime


class GuestTokensRevokedOut(doors.Strict):
    """None of the case's tokens opens anything any more."""

    case_id: UUID
    revoked: Annotated[int, Field(description="how many were live")]


@router.post(
    "/{case_id}/guest-token",
    auth=doors.asks("cases:share"),
    response={201: GuestTokenOut},
    summary="Give the shopper a token for this refund",
    operation_id="give_guest_token",
)
def give(request: HttpRequest, case_id: UUID) -> Status[dict[str, Any]]:
    """It lives 30 days, and only looks at this refund. Give it to the person whose refund it is, and nobody else."""
    who = doors.principal(request)
    doors.no_query(request)
    case = queries.case_by_id(merchant_id=who.company, case_id=case_id)
    token, expires_at = identity.give_guest_token(
        merchant_id=who.company, case_id=case.id, email=case.email, by=who.actor, at=clock.now()
    )
    return Status(201, {"token": token, "case_id": case.id, "expires_at": expires_at})


@router.delete(
    "/{case_id}/guest-token",
    auth=doors.asks("cases:share"),
    response={200: GuestTokensRevokedOut},
    summary="Take back every guest token of this refund",
    operation_id="revoke_guest_tokens",
)
def revoke(request: HttpRequest, case_id: UUID) -> dict[str, Any]:
    """From the next request on. Asking again changes nothing."""
    who = doors.principal(request)
    doors.no_query(request)
    case = queries.case_by_id(merchant_id=who.company, case_id=case_id)
    count = identity.revoke_guest_tokens(merchant_id=who.company, case_id=case.id, by=who.actor, at=clock.now())
    return {"case_id": case.id, "revoked": count}
