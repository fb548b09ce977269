"""A text about an account is put in line."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from recoup.notifications import texts
from recoup.notifications.texts import Text


@transaction.atomic
def write_text(*, kind: Text, to: str, facts: dict[str, str], at: datetime) -> None:
    """It waits to be sent to the number (`texts.write`), in the transaction that is its reason when there is one."""
    texts.write(kind=kind, to=to, facts=facts, at=at)
