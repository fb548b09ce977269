"""What a notice was about, for the page that answers it; and how the arrival of money is told, `arriving`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recoup.notifications import arriving
from recoup.notifications.letter_wording import WORDS
from recoup.notifications.models import AccountNotice

__all__ = ["Notice", "arriving", "open_notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A change that somebody was told of, and may still disown."""

    person_id: UUID
    kind: str
    subject: str
    facts: Mapping[str, str]
    created_at: datetime


def open_notice(notice_id: UUID, *, at: datetime) -> Notice | None:
    """The notice, unless it was used, voided, or is too old."""
    found = AccountNotice.objects.filter(id=notice_id, used_at=None, expires_at__gt=at).first()
    if found is None:
        return None
    return Notice(
        person_id=found.person_id,
        kind=found.kind,
        subject=WORDS[found.kind].subject,
        facts=found.facts,
        created_at=found.created_at,
    )
