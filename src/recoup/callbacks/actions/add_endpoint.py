"""A company wants to be told at another address."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import sealing, tenancy
from recoup.callbacks import signing, transactional, wishes
from recoup.callbacks.models import Endpoint
from recoup.callbacks.queries import EndpointView, endpoint_view
from recoup.kernel.errors import Refusal

ENDPOINTS_MAX = 10


class TooManyEndpoints(Refusal):
    """A company has only so many endpoints."""

    code = "too_many_endpoints"
    status = 409
    title = f"There are {ENDPOINTS_MAX} webhook endpoints already; remove one first"


def add_endpoint(
    *, merchant_id: UUID, url: str, event_types: Collection[str], description: str = "", by: str, at: datetime
) -> tuple[EndpointView, str]:
    """The company is told at `url` of what happens from now on. Gives the endpoint and its secret, shown this once.

    Looks the address up first. Raises UrlRefused, Invalid, TooManyEndpoints.
    """
    wishes.must_be_public(url)
    kinds, words = wishes.chosen(event_types), wishes.described(description)
    return _add(merchant_id=merchant_id, url=url, kinds=kinds, description=words, by=by, at=at)


@tenancy.action
def _add(
    *, merchant_id: UUID, url: str, kinds: list[str], description: str, by: str, at: datetime
) -> tuple[EndpointView, str]:
    with connection.cursor() as cursor:  # two at once do not both become the tenth
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('endpoints of ' || %s, 0))", [str(merchant_id)])
    if Endpoint.objects.filter(merchant_id=merchant_id).count() >= ENDPOINTS_MAX:
        raise TooManyEndpoints
    secret = signing.new_secret()
    row = Endpoint.objects.create(
        merchant_id=merchant_id,
        url=url,
        description=description,
        kinds=kinds,
        secret_sealed=sealing.seal_for_us(secret),
        created_at=at,
        active_since=at,
    )
    transactional.note("added", merchant_id=merchant_id, endpoint_id=row.id, by=by, at=at)
    return endpoint_view(row), secret
