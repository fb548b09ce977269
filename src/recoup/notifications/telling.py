"""From what happened to what we say about it: the messages that a batch of events asks for.

One transaction that files and decides a case is answered by one mail, not by two; and of several mails about one case
that the same batch would put in line, those that the newest makes pointless are left out (wording.overtaken_by).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import translation

from recoup.events.queries import HeardEvent
from recoup.kernel import tongues
from recoup.notifications import case_facts, queueing, wording
from recoup.notifications.case_facts import CaseFacts
from recoup.notifications.queueing import NewMessage


def tell_shoppers(events: Sequence[HeardEvent], *, explained: Mapping[UUID, str], at: datetime) -> None:
    """The messages that these events ask for are queued, in the language in which each case was asked for. A case
    without an address is left in peace. `explained`: by case, why it stands as it does, where that is not English.
    """
    by_change: dict[tuple[UUID, int], list[HeardEvent]] = {}
    for event in events:
        if event.case_id is not None:
            by_change.setdefault((event.case_id, event.tx), []).append(event)
    facts = case_facts.read({case_id for case_id, _ in by_change})
    told = [change for change in by_change.items() if change[0][0] in facts]
    marks = _marks([event for _, together in told for event in together])
    messages: list[NewMessage] = []
    for (case_id, _), together in told:
        for message in _of_one_change(together, facts[case_id], marks, explained.get(case_id)):
            pointless = wording.overtaken_by(message.template)
            messages = [one for one in messages if one.case_id != case_id or one.template not in pointless]
            messages.append(message)
    queueing.queue(messages, at=at)


def _of_one_change(
    together: list[HeardEvent], facts: CaseFacts, marks: dict[int, tuple[str, str, str]], explanation: str | None
) -> list[NewMessage]:
    """What one transaction about one case has us say."""
    asked = {wording.ANSWERS[event.kind]: event for event in together if event.kind in wording.ANSWERS}
    is_reopened = any(event.kind == "case.reopened" for event in together)
    said = wording.worth_saying(list(asked), is_reopened=is_reopened)
    if not said:
        return []
    with translation.override(tongues.spoken(facts.locale)):
        context = facts.context(explanation=explanation)
    return [
        NewMessage(
            merchant_id=facts.merchant_id,
            case_id=facts.case_id,
            template=template,
            mark=_mark(template, asked[template], marks),
            to_address=facts.email,
            locale=facts.locale,
            context=context | _of_failures(template, together),
        )
        for template in said
    ]


def _of_failures(template: str, together: list[HeardEvent]) -> dict[str, Any]:
    """The amounts that failed, for the correction."""
    if template != "payout_failed":
        return {}
    failed = [event for event in together if wording.ANSWERS.get(event.kind) == template]
    return {
        "failed": [
            case_facts.in_money(int(event.data["amount_minor"]), str(event.data["currency"]))
            for event in failed
            if "amount_minor" in event.data and event.data.get("currency")
        ],
        "is_returned": any(event.kind == "payout.reversed" for event in failed),
    }


_MARKS = """
SELECT e.id,
       (SELECT coalesce(max(t.id) FILTER (WHERE t.tx = e.tx), max(t.id)) FROM events_transition t
         WHERE t.subject_id = e.subject_id AND 'case.' || t.to_state = e.kind)::text,
       (SELECT count(*) FROM events_event r
         WHERE r.subject_id = e.subject_id AND r.kind IN ('case.reopened', 'case.appealed') AND r.id < e.id)::text,
       coalesce(e.provider_refund_id,
                (SELECT count(*) FROM events_event r
                  WHERE r.subject_id = e.subject_id AND r.kind = e.kind AND r.id < e.id)::text)
  FROM unnest(%s::bigint[], %s::bigint[], %s::uuid[], %s::text[], %s::text[])
    AS e (id, tx, subject_id, kind, provider_refund_id)
"""


def _marks(events: list[HeardEvent]) -> dict[int, tuple[str, str, str]]:
    """By event: the change of state it tells of, how often the case was reopened or appealed, which failure it is."""
    if not events:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _MARKS,
            [
                [event.id for event in events],
                [event.tx for event in events],
                [event.subject_id for event in events],
                [event.kind for event in events],
                [event.data.get("provider_refund_id") for event in events],
            ],
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _mark(template: str, event: HeardEvent, marks: dict[int, tuple[str, str, str]]) -> str:
    """What tells this message from the next one with the same template: an appeal's second no is another no."""
    change, reopened, failure = marks[event.id]
    if template == "case_received":
        return "first"
    if template in ("sent", "credited"):
        return f"round {reopened}"
    if template == "payout_failed":
        return f"{event.subject_id} {failure}"
    return f"change {change}" if change else f"event {event.id}"
