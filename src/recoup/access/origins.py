"""Which sites may call the JSON API from browsers: none, until a company has named its own.

A browser asks first (without a key), then calls with the key in the header Authorization; cookies never count. What is
allowed is compared letter by letter; nothing is derived from what was sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.access.models import AllowedOrigin
from recoup.kernel.errors import Refusal

REMEMBERED = timedelta(seconds=5)
REMEMBERED_MAX = 1_000

_known: dict[str, tuple[bool, datetime]] = {}
_allowed: dict[UUID, tuple[frozenset[str], datetime]] = {}


class OriginNotAllowed(Refusal):
    """A page of that site may not call."""

    code = "origin_not_allowed"
    status = 403
    title = "Pages of that site may not call this API"


def is_known(origin: str, *, at: datetime) -> bool:
    """Whether any company has named that site: all that can be said before a key has come."""
    found = _known.get(origin)
    if found is None or not found[1] <= at < found[1] + REMEMBERED:
        if len(_known) >= REMEMBERED_MAX:
            _known.clear()
        found = _known[origin] = (_ask(origin), at)
    return found[0]


def is_allowed(origin: str, *, merchant_id: UUID, at: datetime) -> bool:
    """Whether that company has named that site."""
    found = _allowed.get(merchant_id)
    if found is None or not found[1] <= at < found[1] + REMEMBERED:
        if len(_allowed) >= REMEMBERED_MAX:
            _allowed.clear()
        found = _allowed[merchant_id] = (frozenset(of_company(merchant_id=merchant_id)), at)
    return origin in found[0]


def forget() -> None:
    """Every site is looked up again."""
    _known.clear()
    _allowed.clear()


@tenancy.query
def of_company(*, merchant_id: UUID) -> list[str]:
    """The sites that the company has named."""
    return list(
        AllowedOrigin.objects.filter(merchant_id=merchant_id).order_by("origin").values_list("origin", flat=True)
    )


def _ask(origin: str) -> bool:
    if len(origin) > 200 or "\0" in origin:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_origin_is_known(%s)", [origin])
        return bool(cursor.fetchone()[0])
