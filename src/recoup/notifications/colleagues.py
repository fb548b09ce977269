"""People of a company are told: its managers when a case waits for a second person, and whoever has another role. One
letter to each, however often it is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.db import connection

from recoup.events.queries import HeardEvent
from recoup.identity import transactional as identity
from recoup.merchants import queries as merchants
from recoup.notifications import letters
from recoup.notifications.states import Letter

#: The one name of a letter: the same yes to the same manager has the same id, so it is in line once.
_ONCE = UUID("0199b1f4-7d02-7c55-9a86-3f0c6f6f7e11")
_FIRST_YES, _OTHER_ROLE = "case.half_approved", "member.role_changed"
_CASES = """
SELECT c.id, c.number, m.name, lower(c.email),
       array(SELECT a.actor FROM refunds_approval a WHERE a.case_id = c.id AND a.decided_at IS NULL)
  FROM refunds_case c JOIN merchants_merchant m ON m.id = c.merchant_id
 WHERE c.id = ANY(%s) AND c.state = 'in_review' AND c.waits_for = 'second_person'
"""


def tell(events: Sequence[HeardEvent], *, at: datetime) -> None:
    """Whoever works for a company and has to know of these events has a letter in line."""
    tell_managers([event for event in events if event.kind == _FIRST_YES], at=at)
    for event in events:
        if event.kind == _OTHER_ROLE:
            _tell_of_role(event, at=at)


def tell_managers(events: Sequence[HeardEvent], *, at: datetime) -> None:
    """Every manager of the company has a letter in line for each case that waits for a second person by now, but for
    whoever has said yes to it and whoever it is for. It names the case and nothing else of it.
    """
    heard: dict[UUID, list[HeardEvent]] = {}
    for event in events:
        heard.setdefault(event.subject_id, []).append(event)
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [list(heard)])
        waiting = cursor.fetchall()
    for case_id, number, company, shopper, said_yes in waiting:
        newest = heard[case_id][-1]
        facts = {"number": number, "company": company, "url": f"{settings.PUBLIC_URL}/review/{number}"}
        for manager in identity.colleagues(merchant_id=newest.merchant_id).values():
            if manager.role != "manager" or not manager.email or f"person:{manager.person_id}" in said_yes:
                continue
            if shopper in {address.lower() for address in manager.emails}:
                continue
            once = uuid5(_ONCE, f"{newest.id} {manager.person_id}")
            letters.write(kind=Letter.SECOND_PERSON, to=manager.email, facts=facts, at=at, once=once)


def _tell_of_role(event: HeardEvent, *, at: datetime) -> None:
    """Somebody who was let go meanwhile is left in peace."""
    found = identity.colleagues(merchant_id=event.merchant_id, person_ids=[event.subject_id]).get(event.subject_id)
    if found is None or not found.email:
        return
    facts = {
        "company": merchants.by_id(event.merchant_id).name,
        "old": str(event.data["from"]),
        "new": str(event.data["to"]),
        "when": f"{event.at.day} {event.at:%B %Y, %H:%M} UTC",
        "url": f"{settings.PUBLIC_URL}/staff/access",
    }
    once = uuid5(_ONCE, f"{event.id} {event.subject_id}")
    letters.write(kind=Letter.ROLE_CHANGED, to=found.email, facts=facts, at=at, once=once)
