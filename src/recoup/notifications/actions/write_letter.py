"""A letter about an account is put in line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from recoup.notifications import letters


@transaction.atomic
def write_letter(*, kind: str, to: str, facts: Mapping[str, str], at: datetime) -> None:
    """It waits to be sent (`letters.write`), in the transaction of allauth's change when there is one."""
    letters.write(kind=kind, to=to, facts=facts, at=at)
