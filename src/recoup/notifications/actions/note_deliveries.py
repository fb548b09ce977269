"""What became of the messages that were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.events.transactional import Happening

#: What cannot be delivered for so long is a person's business.
GIVE_UP_AFTER_H = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How it went with one message. No `problem`: sent. `is_final`: the address will never take it.

    `is_its_fault`: the try counts against the message; a mail server that is away is nobody's fault.
    """

    id: UUID
    merchant_id: UUID
    fence: int
    subject: str = ""
    message_ref: str = ""
    problem: str = ""
    is_final: bool = False
    is_its_fault: bool = True


#: A code is forgotten with the mail that carried it. Waiting grows with the message's age: half as long again, at least
#: two seconds, at most half an hour.
_NOTE = """
UPDATE notifications_message m
   SET sent_at = CASE WHEN d.problem = '' THEN %(at)s END,
       subject = CASE WHEN d.problem = '' THEN d.subject ELSE m.subject END,
       message_ref = CASE WHEN d.problem = '' THEN d.message_ref ELSE m.message_ref END,
       problem = d.problem,
       context = CASE WHEN m.template = 'one_time_code' AND (d.problem = '' OR d.is_final) THEN '{}'
                      ELSE m.context END,
       tries = CASE WHEN d.problem <> '' AND NOT d.is_its_fault THEN greatest(m.tries - 1, 0) ELSE m.tries END,
       next_at = CASE WHEN d.problem <> '' AND NOT d.is_final
                      THEN now() + least(greatest((now() - m.created_at) / 2, interval '2 s'), interval '30 min') END,
       parked_at = CASE WHEN d.problem = '' THEN NULL
                        WHEN d.is_final OR m.created_at < now() - make_interval(hours => %(hours)s) THEN now() END,
       lease_until = NULL
  FROM unnest(%(ids)s::uuid[], %(fences)s::bigint[], %(subjects)s::text[], %(refs)s::text[], %(problems)s::text[],
              %(final)s::bool[], %(faults)s::bool[])
    AS d (id, fence, subject, message_ref, problem, is_final, is_its_fault)
 WHERE m.id = d.id AND m.fence = d.fence AND m.sent_at IS NULL
RETURNING m.id, m.merchant_id, m.parked_at, m.problem, m.template
"""


@tenancy.action_for_every_merchant
def note_deliveries(*, deliveries: Sequence[Delivery], at: datetime) -> int:
    """Sent messages are marked sent, the others wait for the next try or are parked with an event; how many were ours.

    A delivery whose fence is out of date is not noted: somebody else has the message now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "at": at,
                "hours": GIVE_UP_AFTER_H,
                "ids": [delivery.id for delivery in deliveries],
                "fences": [delivery.fence for delivery in deliveries],
                "subjects": [delivery.subject for delivery in deliveries],
                "refs": [delivery.message_ref for delivery in deliveries],
                "problems": [delivery.problem for delivery in deliveries],
                "final": [delivery.is_final for delivery in deliveries],
                "faults": [delivery.is_its_fault for delivery in deliveries],
            },
        )
        rows = cursor.fetchall()
    events.record(
        [
            Happening(
                merchant_id=merchant_id,
                at=parked_at,
                kind="message.parked",
                subject_id=message_id,
                actor="clock",
                data={"station": "messages", "problem": problem, "template": template},
            )
            for message_id, merchant_id, parked_at, problem, template in rows
            if parked_at is not None
        ]
    )
    return len(rows)
