"""Whoever works for a company proves it twice: this says how far a signed-in person has come."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from recoup.web.account import company_providers


class Standing(StrEnum):
    """How a signed-in person stands with their second factor."""

    PROVED = "proved"
    NOT_PROVED = "not_proved"
    NONE = "none"


def standing(request: HttpRequest, *, merchant_id: UUID | None = None) -> Standing:
    """Read from the records of this very sign-in: a factor that was added elsewhere since then proves nothing here.

    Whoever came from a company's own identity provider has proved themselves to that company (`merchant_id`), which
    decides how many proofs it asks for; to no other.
    """
    person: Any = request.user
    records = get_authentication_records(request, person)
    if any(record.get("method") == "mfa" for record in records):
        return Standing.PROVED
    if merchant_id and any(company_providers.vouches(record, merchant_id=merchant_id) for record in records):
        return Standing.PROVED
    return Standing.NOT_PROVED if is_mfa_enabled(person) else Standing.NONE


def ask(request: HttpRequest, how: Standing) -> HttpResponse:
    """To the page where the factor is set up, or to the one where it is given; from there back to here."""
    page = "/account/2fa/" if how is Standing.NONE else "/account/2fa/reauthenticate/"
    return redirect(f"{page}?{urlencode({'next': request.get_full_path()})}")
