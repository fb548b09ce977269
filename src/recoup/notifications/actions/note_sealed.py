"""What became of the letters or texts that were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from recoup.notifications.actions.take_sealed import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How it went with one of them. No `problem`: sent. `is_final`: it will never be taken.

    `is_its_fault`: the try counts against it; a mail server or gateway that is away is nobody's fault.
    """

    id: UUID
    fence: int
    problem: str = ""
    is_final: bool = False
    is_its_fault: bool = True


#: Waiting grows with the age, from two seconds to a twentieth of the life and half an hour at the most: a code
#: that comes late is no use.
_NOTE = """
UPDATE {table} t
   SET sent_at = CASE WHEN d.problem = '' THEN %(at)s END,
       problem = d.problem,
       facts_sealed = CASE WHEN d.problem = '' OR d.is_final THEN ''::bytea ELSE t.facts_sealed END,
       tries = CASE WHEN d.problem <> '' AND NOT d.is_its_fault THEN greatest(t.tries - 1, 0) ELSE t.tries END,
       next_at = CASE WHEN d.problem <> '' AND NOT d.is_final
                      THEN now() + least(greatest((now() - t.created_at) / 2, interval '2 s'),
                                         (t.expires_at - t.created_at) / 20, interval '30 min') END,
       parked_at = CASE WHEN d.is_final THEN now() END,
       lease_until = NULL
  FROM unnest(%(ids)s::uuid[], %(fences)s::bigint[], %(problems)s::text[], %(final)s::bool[], %(faults)s::bool[])
    AS d (id, fence, problem, is_final, is_its_fault)
 WHERE t.id = d.id AND t.fence = d.fence AND t.sent_at IS NULL
"""


@transaction.atomic(durable=True)
def note_sealed(*, outbox: Outbox, tried: Sequence[Tried], at: datetime) -> None:
    """What was sent is marked sent and wiped, the others wait for the next try; one that nobody takes is wiped too.

    One whose fence is out of date is not noted: somebody else has it now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE.format(table=outbox),
            {
                "at": at,
                "ids": [one.id for one in tried],
                "fences": [one.fence for one in tried],
                "problems": [one.problem for one in tried],
                "final": [one.is_final for one in tried],
                "faults": [one.is_its_fault for one in tried],
            },
        )
