"""A company's site may call the JSON API from its visitors' browsers."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.access.models import AllowedOrigin
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.kernel.ids import uuid7

ORIGINS_MAX = 20
#: Scheme, host and port as a browser writes them in `Origin`: no path, no wildcard, no name and password.
_HOST = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
_ORIGIN = re.compile(rf"(https://{_HOST}|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{{0,4}})?")


@tenancy.action
def allow_origin(*, merchant_id: UUID, origin: str, by: str, at: datetime) -> None:
    """Pages of exactly that origin may call with a key of this company. Raises Invalid."""
    if len(origin) > 200 or not _ORIGIN.fullmatch(origin):
        raise Invalid("An origin is written https://shop.example.com, in small letters, without a path and without *")
    if AllowedOrigin.objects.count() >= ORIGINS_MAX:
        raise Invalid(f"A company has at most {ORIGINS_MAX} origins; take one away first")
    row = AllowedOrigin(id=uuid7(), merchant_id=merchant_id, origin=origin, added_by=by, added_at=at)
    AllowedOrigin.objects.bulk_create([row], ignore_conflicts=True)
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id,
                at=at,
                kind="origin.allowed",
                subject_id=merchant_id,
                actor=by,
                data={"origin": origin},
            )
        ]
    )
