"""Texts (SMS) about accounts: put in line sealed, in the transaction that is their reason, for the worker to send.

As letters are (`letters`): nobody waits for a gateway at the sign-in, and no answer takes longer because there is
somebody to write to. The number is sealed with the words, and both are wiped when the text has left or is of no use.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import orjson
from django.db import connection
from django.utils.translation import gettext

from recoup.access import sealing
from recoup.kernel import ids

CHANNEL = "recoup_texts"
CODE_LIVES = timedelta(minutes=10)
NOTICE_LIVES = timedelta(hours=24)


class Text(StrEnum):
    """What texts are about."""

    CODE = "code"
    PHONE_CHANGED = "phone_changed"


_WRITE = """
INSERT INTO notifications_accounttext (id, kind, facts_sealed, created_at, expires_at, problem, next_at, fence, tries)
VALUES (%s, %s, %s, %s, %s, '', now(), 0, 0)
"""


def write(*, kind: Text, to: str, facts: dict[str, str], at: datetime) -> None:
    """The text to that number (E.164) waits to be sent, and the worker is woken at commit."""
    assert connection.in_atomic_block, "a text is written in the transaction that is its reason"  # noqa: S101
    words = worded(kind).format_map(facts)
    sealed = sealing.seal_for_us(orjson.dumps({"to": to, "text": words}).decode())
    lives = CODE_LIVES if kind is Text.CODE else NOTICE_LIVES
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [ids.uuid7(), str(kind), sealed, at, at + lives])
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def worded(kind: Text) -> str:
    """What such a text says, in the language that is spoken now; names in braces are its facts.

    One text each, at most 160 characters of the GSM alphabet in English: a second part costs as much again. Other
    scripts have 70 a part. The last line is how browsers recognise the code of a site and offer it
    (https://wicg.github.io/sms-one-time-codes/).
    """
    if kind is Text.CODE:
        return gettext(
            "{code} is your Recoup code, good for 10 minutes. Nobody from Recoup will ask you for it.\n\n"
            "@{host} #{code}"
        )
    return gettext(
        "This number does not open your Recoup account any more. Was it not you? Sign in by e-mail and look at your "
        "account."
    )
