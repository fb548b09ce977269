"""A company changes where, of what, and whether it is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.callbacks import transactional, wishes
from recoup.callbacks.models import Endpoint
from recoup.callbacks.queries import EndpointView, endpoint_view
from recoup.callbacks.states import Because


def change_endpoint(
    *,
    merchant_id: UUID,
    endpoint_id: UUID,
    by: str,
    at: datetime,
    url: str | None = None,
    event_types: Collection[str] | None = None,
    description: str | None = None,
    is_enabled: bool | None = None,
) -> EndpointView:
    """What is given is so afterwards. An endpoint that is switched on is told of what happens from then on; what waits
    for one that is switched off is given up, and can be replayed. Raises NotFound, UrlRefused, Invalid.
    """
    if url is not None:
        wishes.must_be_public(url)
    changes: dict[str, object] = {
        name: value
        for name, value in (
            ("url", url),
            ("kinds", None if event_types is None else wishes.chosen(event_types)),
            ("description", None if description is None else wishes.described(description)),
        )
        if value is not None
    }
    return _change(
        merchant_id=merchant_id, endpoint_id=endpoint_id, changes=changes, is_enabled=is_enabled, by=by, at=at
    )


@tenancy.action
def _change(
    *,
    merchant_id: UUID,
    endpoint_id: UUID,
    changes: dict[str, object],
    is_enabled: bool | None,
    by: str,
    at: datetime,
) -> EndpointView:
    row = wishes.locked(merchant_id=merchant_id, endpoint_id=endpoint_id)
    was_enabled = row.active_since is not None
    if changes:
        Endpoint.objects.filter(id=row.id).update(**changes)
        told = {"changed": sorted(changes)}
        transactional.note("changed", merchant_id=merchant_id, endpoint_id=row.id, by=by, at=at, data=told)
    if is_enabled is True and not was_enabled:
        Endpoint.objects.filter(id=row.id).update(
            active_since=at, disabled_because=Because.NOTHING, failing_since=None, next_at=None
        )
        transactional.note("switched_on", merchant_id=merchant_id, endpoint_id=row.id, by=by, at=at)
    if is_enabled is False and was_enabled:
        transactional.switch_off(merchant_id=merchant_id, endpoint_id=row.id, because=Because.PERSON, by=by, at=at)
    row.refresh_from_db()
    return endpoint_view(row)
