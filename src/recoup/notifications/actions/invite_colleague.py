"""Somebody is invited to work for a company: the invitation, and the letter with its link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.identity import transactional as identity
from recoup.notifications import letters
from recoup.notifications.states import Letter


@tenancy.action
def invite_colleague(
    *,
    merchant_id: UUID,
    company: str,
    email: str,
    role: str,
    who: str,
    url: Callable[[str], str],
    by: str,
    at: datetime,
) -> None:
    """The letter waits to be sent, with the link that `url` makes of the token; both are written or neither.

    `company` and `who` (the inviter) are names as the letter says them. Raises WorksHere, Invalid.
    """
    token = identity.invite(merchant_id=merchant_id, email=email, role=role, by=by, at=at)
    facts = {"company": company, "who": who, "role": role, "url": url(token)}
    letters.write(kind=Letter.INVITATION, to=email.strip().lower(), facts=facts, at=at)
