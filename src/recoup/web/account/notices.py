"""Telling people what changed about their account, with a link to say "This was not me".

    notices.tell(person, Change.NEW_DEVICE, device="Chrome on Windows")

What each kind needs besides: `device` for NEW_DEVICE; `factor` (in words), and `factor_id` when it was added, for
FACTOR_ADDED and FACTOR_REMOVED; `old` and `new` for EMAIL_CHANGED, `new` for EMAIL_ADDED, `old` for EMAIL_REMOVED;
`old` and `new` as people may read them and `old_phone` in full for PHONE_CHANGED; `provider` (and `connection_id`) for
SIGN_IN_CONNECTED; `app` and `apps_url` for APP_CUT_OFF.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing

from recoup.kernel import clock
from recoup.notifications import actions as notifications
from recoup.notifications.states import Change

__all__ = ["Change", "named", "tell", "token"]

_SALT = "recoup.this-was-not-me"
#: What other people's programs call themselves may be long, and is one line here.
_FACT_MAX = 300


def tell(person: Any, kind: Change | str, **facts: object) -> None:
    """The letter waits to be sent to the account's address, and to the old and the new one when an address changed.

    Nothing here waits for a mail server or for the worker. Call it when the change has been made.
    """
    told = {name: " ".join(str(value).split())[:_FACT_MAX] for name, value in facts.items() if value is not None}
    addresses = [person.email or EmailAddress.objects.get_primary_email(person), told.get("old"), told.get("new")]
    notifications.tell_of_change(
        person_id=person.pk,
        kind=Change(kind),
        to=[address for address in addresses if address and "@" in address],
        facts=told,
        url=lambda notice_id: f"{settings.PUBLIC_URL}/account/not-me/{token(notice_id)}/",
        at=clock.now(),
    )


def token(notice_id: UUID) -> str:
    """What the link in the letter carries: the notice's number, signed."""
    return signing.Signer(salt=_SALT).sign(str(notice_id)).replace(":", ".")


def named(told: str) -> UUID | None:
    """The notice that the link is about; None for a link that we did not make."""
    number, _, signature = told.rpartition(".")
    try:
        return UUID(signing.Signer(salt=_SALT).unsign(f"{number}:{signature}"))
    except (signing.BadSignature, ValueError):
        return None
