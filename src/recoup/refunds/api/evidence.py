"""Showing more of a case through the JSON API: photos and words, by the company or by the guest whose case it is."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from recoup.access import documented, doors
from recoup.access.principals import Kind
from recoup.kernel import clock
from recoup.kernel.errors import Invalid
from recoup.refunds import actions, for_guests, queries, shapes
from recoup.refunds.actions import MoveNotAllowed, PhotoRefused
from recoup.refunds.actions.add_evidence import PHOTOS_MAX, TOO_MANY
from recoup.refunds.gateways import evidence_store
from recoup.refunds.states import ENDED, GRANTED

router = Router(tags=["refunds"])

#: As many as one body may carry; a phone's photo is three to five megabytes.
PHOTOS_AT_ONCE = 4
LETTERS_MAX = 20 * 1024 * 1024


class EvidenceIn(doors.Strict):
    """What the shopper shows and says; at least one of both."""

    words: Annotated[str, Field(max_length=4000)] = ""
    photos: Annotated[
        list[
            Annotated[
                str,
                Field(
                    max_length=LETTERS_MAX,
                    description="A photo (JPEG, PNG, WebP) of up to 15 MB, in base64",
                    json_schema_extra={"contentEncoding": "base64", "contentMediaType": "image/jpeg"},
                ),
            ]
        ],
        Field(max_length=PHOTOS_AT_ONCE),
    ] = []


@router.post(
    "/{case_id}/evidence",
    auth=doors.asks("cases:answer"),
    response={200: shapes.RefundInFullOut},
    summary="Show more: photos and words",
    operation_id="show_evidence",
    openapi_extra=documented.tells(MoveNotAllowed, PhotoRefused),
)
def show_more(request: HttpRequest, case_id: UUID, body: EvidenceIn) -> HttpResponse:
    """A case that waited for it is judged again. Sending the same again changes nothing, so it may be sent again.

    Photos are turned upright, and place and camera are taken out of them. If one is none, nothing is kept.
    """
    who = doors.principal(request)
    doors.no_query(request)
    if not body.photos and not body.words:
        raise Invalid("Send at least one photo, or words")
    which: dict[str, Any] = {"merchant_id": who.company, "case_id": case_id}
    _must_take(len(body.photos), **which)
    photos = [
        evidence_store.keep(content, merchant_id=who.company)
        for content in [_content(number, text) for number, text in enumerate(body.photos, start=1)]
    ]
    actions.add_evidence(photos=photos, words=body.words, by=who.actor, at=clock.now(), **which)
    read = for_guests.case_for_guest if who.kind is Kind.GUEST else queries.case_in_full
    return HttpResponse(orjson.dumps(read(**which)), content_type="application/json")


def _must_take(count: int, *, merchant_id: UUID, case_id: UUID) -> None:
    """Asked before a file is written, so that nobody fills the disk. Raises NotFound, MoveNotAllowed, PhotoRefused."""
    case = queries.case_by_id(merchant_id=merchant_id, case_id=case_id)
    if case.state in ENDED | GRANTED:
        raise MoveNotAllowed("The case takes no more evidence", state=case.state)
    if count and len(queries.photos_of_case(merchant_id=merchant_id, case_id=case_id)) >= PHOTOS_MAX:
        raise PhotoRefused(TOO_MANY)


def _content(number: int, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise PhotoRefused(f"Photo {number} is not in base64; nothing was kept") from None
