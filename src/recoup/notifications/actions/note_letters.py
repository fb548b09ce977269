"""What became of the letters that were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """How it went with one letter. No `problem`: sent. `is_final`: the address will never take it.

    `is_its_fault`: the try counts against the letter; a mail server that is away is nobody's fault.
    """

    id: UUID
    fence: int
    problem: str = ""
    is_final: bool = False
    is_its_fault: bool = True


#: Waiting grows with the letter's age, from two seconds to a twentieth of its life and half an hour at the most.
_NOTE = """
UPDATE notifications_accountletter t
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
def note_letters(*, posted: Sequence[Posted], at: datetime) -> None:
    """Sent letters are marked sent and wiped, the others wait for the next try; one that nobody takes is wiped too.

    One whose fence is out of date is not noted: somebody else has the letter now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "at": at,
                "ids": [one.id for one in posted],
                "fences": [one.fence for one in posted],
                "problems": [one.problem for one in posted],
                "final": [one.is_final for one in posted],
                "faults": [one.is_its_fault for one in posted],
            },
        )
