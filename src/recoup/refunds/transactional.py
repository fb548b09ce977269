"""What the payouts of a case mean for the case, and what its shopper is told. Called by subscriptions to events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext

from recoup.events import transactional as events
from recoup.events.queries import HeardEvent
from recoup.events.transactional import Happening
from recoup.kernel import arrival, tongues
from recoup.notifications import transactional as notifications
from recoup.refunds.policy import Verdict, in_words


class Heard(Protocol):
    """An event as a subscriber gets it."""

    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> dict[str, Any]: ...


#: Means of payment whose rail says "succeeded" when the shopper has the money. A card's rail says it when it has sent
#: the money to the bank, which then takes its days: nobody tells us of their end, so it is never claimed (DOMAIN 1).
AT_ONCE = [method for method, days in arrival.DAYS.items() if days == arrival.AT_ONCE]

#: One pass over the named cases: sent when every leg was accepted, closed when every leg succeeded, credited when that
#: also means that the shopper has the money, a person's when a leg failed or came back, granted again when none is
#: broken any more. The case's own state decides what is left to do, so telling it twice is harmless.
_FOLLOW = """
WITH leg AS (
    SELECT p.case_id, bool_and(p.accepted_at IS NOT NULL) AS all_accepted, bool_and(p.state = 'succeeded') AS all_paid,
           bool_or(p.state IN ('failed', 'reversed') OR p.parked_at IS NOT NULL) AS any_broken,
           max(p.accepted_at) AS accepted_at, max(p.finished_at) AS finished_at,
           bool_and(p.state = 'succeeded' AND lower(k.method) = ANY(%(at_once)s)) AS all_there
      FROM payments_payout p JOIN payments_capture k ON k.id = p.capture_id
     WHERE p.case_id = ANY(%(ids)s) AND p.state <> 'canceled' GROUP BY p.case_id
), was AS (
    SELECT c.id, c.state, c.initiated_at, c.credited_at FROM refunds_case c JOIN leg ON leg.case_id = c.id
     ORDER BY c.id FOR NO KEY UPDATE OF c
), done AS (
    UPDATE refunds_case c
       SET initiated_at = CASE WHEN leg.all_accepted AND NOT leg.any_broken
                               THEN coalesce(c.initiated_at, leg.accepted_at) ELSE c.initiated_at END,
           state = CASE WHEN leg.any_broken THEN 'in_review'
                        WHEN c.state = 'in_review' AND c.amount_minor >= c.amount_requested_minor THEN 'approved'
                        WHEN c.state = 'in_review' THEN 'partly_approved'
                        WHEN leg.all_paid THEN 'closed'
                        ELSE c.state END,
           closed_at = CASE WHEN leg.any_broken THEN NULL
                            WHEN leg.all_paid THEN coalesce(c.closed_at, leg.finished_at) END,
           credited_at = CASE WHEN leg.any_broken THEN NULL
                              WHEN leg.all_there THEN coalesce(c.credited_at, leg.finished_at) END,
           wake_at = CASE WHEN leg.any_broken THEN coalesce(c.wake_at, %(at)s + interval '1 day') END,
           waits_for = CASE WHEN leg.any_broken THEN 'payout' ELSE '' END
      FROM leg JOIN was ON was.id = leg.case_id
     WHERE c.id = leg.case_id
       AND (c.state IN ('approved', 'partly_approved', 'closed') OR (c.state = 'in_review' AND c.waits_for = 'payout'))
    RETURNING c.id, c.merchant_id, was.state AS old_state, c.state, was.initiated_at AS old_initiated, c.initiated_at,
              c.amount_minor, c.currency, was.credited_at AS old_credited, c.credited_at
)
SELECT * FROM done
 WHERE old_state <> state OR old_initiated IS DISTINCT FROM initiated_at OR old_credited IS DISTINCT FROM credited_at
"""


def follow_payouts(heard: Sequence[Heard], *, at: datetime) -> None:
    """Each case named in the events stands as its payouts stand, with the events of what changed. Set-based."""
    follow_cases(sorted({UUID(str(event.data["case_id"])) for event in heard if "case_id" in event.data}), at=at)


def follow_cases(case_ids: Sequence[UUID], *, at: datetime) -> None:
    """As `follow_payouts`, for these cases. A case that is granted again may be closed at once: that is two moves."""
    while case_ids:
        with connection.cursor() as cursor:
            cursor.execute(_FOLLOW, {"ids": list(case_ids), "at": at, "at_once": AT_ONCE})
            changed = cursor.fetchall()
        events.record([happening for row in changed for happening in _told(row, at=at)])
        case_ids = [row[0] for row in changed if row[2] == "in_review" and row[3] != "in_review"]


def _told(row: tuple[Any, ...], *, at: datetime) -> list[Happening]:
    case_id, merchant_id, old_state, state, old_initiated, initiated, amount_minor, currency, *credited = row
    kinds = []
    if old_initiated is None and initiated is not None:
        kinds.append("case.initiated")
    if credited[0] is None and credited[1] is not None:
        kinds.append("case.credited")
    if old_state != state:
        kinds.append({"closed": "case.closed", "in_review": "case.reopened"}.get(state, "case.resumed"))
    return [
        Happening(
            merchant_id=merchant_id,
            at=at,
            kind=kind,
            subject_id=case_id,
            actor="rail",
            data={"amount_minor": amount_minor, "currency": currency},
        )
        for kind in kinds
    ]


_DECISIONS = """
SELECT c.id, c.locale, c.explanation,
       (SELECT d.verdict::text FROM refunds_decision d WHERE d.case_id = c.id ORDER BY d.at DESC, d.id DESC LIMIT 1)
  FROM refunds_case c WHERE c.id = ANY(%s) AND c.locale <> 'en' AND c.explanation <> ''
"""


def tell_shoppers(told: Sequence[HeardEvent], *, at: datetime) -> None:
    """The messages that these events ask for wait to be sent, each in the language in which its case was asked for.

    What the policy decided is said in that language; what a person wrote stands as they wrote it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DECISIONS, [list({event.case_id for event in told if event.case_id is not None})])
        explained = {case_id: _explained(locale, words, kept) for case_id, locale, words, kept in cursor.fetchall()}
    notifications.tell_shoppers(told, explained=explained, at=at)


def _explained(locale: str, words: str, kept: str | None) -> str:
    verdict = Verdict.from_json(kept) if kept else None
    if verdict is None or words != in_words(verdict):
        return words
    with translation.override(tongues.spoken(locale)):
        return in_words(verdict, say=gettext)
