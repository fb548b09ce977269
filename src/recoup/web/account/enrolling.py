"""Whoever works here has a second proof before anything else of their account opens.

A password alone gets to the pages where the proof is set up, and to no other: not to addresses, numbers, sessions,
other sign-ins or apps, which would be the ways around the proof.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from recoup.identity import queries as identity
from recoup.web.account import second_factor
from recoup.web.account.second_factor import Standing

#: Where a first proof is set up, and what is asked for before one may.
ENROLMENT = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "account_phone_prove",
    }
)


def first(request: HttpRequest, name: str | None) -> HttpResponse | None:
    """To the enrolment, for somebody who works here without a second proof; None for everybody else."""
    person: Any = request.user
    if name in ENROLMENT or not person.is_authenticated:
        return None
    companies = [member.merchant_id for member in identity.memberships(person.pk)]
    if not companies and not person.is_operator:
        return None
    if any(second_factor.standing(request, merchant_id=one) is not Standing.NONE for one in [*companies, None]):
        return None
    return second_factor.ask(request, Standing.NONE)
