"""A part of a program says that it lives."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from recoup.kernel import signs


@transaction.atomic(durable=True)
def note_sign(*, program: str, part: str, at: datetime) -> int:
    """That part of this process was seen at `at`. One, as a station tells what it did."""
    place = signs.place()
    with connection.cursor() as cursor:
        cursor.execute(signs.NOTE, [signs.name(program, part), program, part, place, at, at])
    return 1
