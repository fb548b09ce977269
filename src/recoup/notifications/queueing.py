"""Putting messages in line, inside the transaction that is their reason. Sending is the worker's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.kernel import ids
from recoup.kernel.rows import as_rows
from recoup.notifications import wording

OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """One message about one state of one case. (`case_id`, `template`, `mark`) is its identity (I6).

    `context` is what the template needs beyond the platform's own settings; nothing else about the person is kept.
    """

    merchant_id: UUID
    case_id: UUID | None
    template: str
    mark: str
    to_address: str
    locale: str = "en"
    context: Mapping[str, Any] = field(default_factory=dict)


_OVERTAKE = """
UPDATE notifications_message m SET next_at = NULL, problem = %s
  FROM unnest(%s::uuid[], %s::text[]) AS older (case_id, template)
 WHERE m.case_id = older.case_id AND m.template = older.template
   AND m.id <> ALL(%s) AND m.next_at IS NOT NULL AND m.sent_at IS NULL
   AND (m.lease_until IS NULL OR m.lease_until < now())
"""
_QUEUE = """
INSERT INTO notifications_message (id, merchant_id, case_id, template, mark, to_address, locale, context, subject,
                                   created_at, message_ref, problem, next_at, fence, tries)
SELECT id, merchant_id, case_id, template, mark, to_address, locale, context, '', %s, '', '',
       now() + make_interval(secs => wait_s), 0, 0
  FROM json_to_recordset(%s::json)
    AS m (id uuid, merchant_id uuid, case_id uuid, template text, mark text, to_address text, locale text,
          context jsonb, wait_s int)
ON CONFLICT (case_id, template, mark) DO NOTHING
RETURNING id, case_id, template
"""
_COLUMNS = NewMessage.__slots__


def queue(messages: Sequence[NewMessage], *, at: datetime) -> int:
    """Each message waits to be sent, unless the same was said before; older ones that it makes pointless no longer do.

    Gives how many are new. The worker is woken at commit.
    """
    assert connection.in_atomic_block, "a message is queued in the transaction that is its reason"  # noqa: S101
    if not messages:
        return 0
    rows = [
        {name: getattr(message, name) for name in _COLUMNS}
        | {"id": ids.uuid7(), "wait_s": wording.WAITS_S[message.template]}
        for message in messages
    ]
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, [at, as_rows(rows)])
        new = cursor.fetchall()
        older = sorted((str(case_id), old) for _, case_id, said in new if case_id for old in wording.overtaken_by(said))
        if older:
            cursor.execute(
                _OVERTAKE,
                [OVERTAKEN, [pair[0] for pair in older], [pair[1] for pair in older], [row[0] for row in new]],
            )
        if new:
            cursor.execute("SELECT pg_notify('recoup_messages', '')")
    return len(new)


def queue_code(
    *, merchant_id: UUID, to: str, code: str, company: str, about: str, minutes: int, at: datetime, locale: str = "en"
) -> None:
    """A one-time code is on its way to the address it is for. The code leaves our books when the mail has left us."""
    queue(
        [
            NewMessage(
                merchant_id=merchant_id,
                case_id=None,
                template="one_time_code",
                mark="",
                to_address=to,
                locale=locale,
                context={"code": code, "company": company, "about": about, "minutes": minutes},
            )
        ],
        at=at,
    )
