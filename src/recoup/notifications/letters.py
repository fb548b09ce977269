"""Letters about accounts: put in line in the transaction that is their reason, sealed, for the worker to send.

Nobody waits for a mail server at the sign-in, so a mail server that is away costs nobody a page or a letter, and no
answer takes longer because there is somebody to write to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection

from recoup.access import sealing
from recoup.kernel import ids
from recoup.notifications import letter_wording

CHANNEL = "recoup_letters"
_WRITE = """
INSERT INTO notifications_accountletter (id, kind, to_address, facts_sealed, created_at, expires_at, problem, next_at,
                                         fence, tries)
VALUES (%s, %s, %s, %s, %s, %s, '', now(), 0, 0)
ON CONFLICT DO NOTHING
"""


def write(*, kind: str, to: str, facts: Mapping[str, str], at: datetime, once: UUID | None = None) -> None:
    """The letter waits to be sent, and the worker is woken at commit. `facts`: what `letter_wording` has in braces,
    `code` for one with a code, `url` for one with a button. `once`: its id, for one that may be asked for again; while
    the first one is kept there is no second.
    """
    assert connection.in_atomic_block, "a letter is written in the transaction that is its reason"  # noqa: S101
    sealed = sealing.seal_for_us(orjson.dumps(dict(facts)).decode())
    expires_at = at + letter_wording.lives(kind)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [once or ids.uuid7(), str(kind), to, sealed, at, expires_at])
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
