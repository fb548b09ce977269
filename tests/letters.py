"""What waits to be sent to an address about an account, as it would leave us."""

from __future__ import annotations

import re
from typing import Any

import pytest


class Letters:
    """The letters of the outbox, read as the worker reads them."""

    def __init__(self, as_worker: Any) -> None:
        self._as_worker = as_worker

    def to(self, address: str) -> list[Any]:
        """Those that wait for the address, oldest first."""
        from django.db import connection

        from recoup.notifications import letter_jobs
        from recoup.notifications.actions import TakenSealed

        with self._as_worker(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, fence, kind, to_address, facts_sealed FROM notifications_accountletter"
                " WHERE to_address = %s AND length(facts_sealed) > 0 ORDER BY id",
                [address],
            )
            names = TakenSealed.__slots__
            taken = [TakenSealed(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
        return [letter_jobs.written(one) for one in taken]

    def code(self, address: str) -> str:
        """The newest code that was mailed to the address."""
        codes = [found for letter in self.to(address) for found in re.findall(r"(?m)^Your code is (\S+)$", letter.text)]
        return str(codes[-1])

    def link(self, address: str, subject: str) -> str:
        """The path of the newest "This was not me" under that subject."""
        texts = [letter.text for letter in self.to(address) if letter.subject == subject]
        return re.findall(r"https?://[^/\s]+(/account/not-me/\S+)", texts[-1])[-1]


@pytest.fixture
def letters(as_worker: Any) -> Letters:
    """The outbox of letters about accounts."""
    return Letters(as_worker)


@pytest.fixture
def texts(as_worker: Any) -> Any:
    """The texts that wait for a number, oldest first."""

    def read(number: str) -> list[str]:
        import orjson
        from django.db import connection

        from recoup.access import sealing

        with as_worker(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT facts_sealed FROM notifications_accounttext WHERE length(facts_sealed) > 0 ORDER BY id DESC"
                " LIMIT 200"
            )
            told = [orjson.loads(sealing.open_ours(row[0])) for row in cursor.fetchall()]
        return [one["text"] for one in reversed(told) if one["to"] == number]

    return read
