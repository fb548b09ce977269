"""Whose key is this? The first question of a program that must not touch real money by mistake."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from recoup.access import doors
from recoup.merchants import queries

router = Router(tags=["company"])


class CompanyOut(doors.Strict):
    """Your company. `is_practice`: no real money moves."""

    id: UUID
    slug: str
    name: str
    country: Annotated[str, Field(description="ISO 3166-1, two letters")]
    currency: Annotated[str, Field(description="ISO 4217")]
    is_practice: bool


@router.get(
    "", auth=doors.asks(doors.OPEN), response=CompanyOut, summary="Whose key this is", operation_id="get_company"
)
def show(request: HttpRequest) -> dict[str, Any]:
    """Every key may ask. Programs that are tried out look at `is_practice` before they change anything."""
    who = doors.principal(request)
    doors.no_query(request)
    company = queries.by_id(who.company)
    return {name: getattr(company, name) for name in CompanyOut.model_fields}
