"""Reading endpoints and what was sent to them, for the API, for pages and for the sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.callbacks import catalogue
from recoup.callbacks.models import Delivery, Endpoint
from recoup.callbacks.states import Because, DeliveryState
from recoup.kernel.errors import Invalid, NotFound

#: (type, what happened) of everything an endpoint can choose.
CHOICES: tuple[tuple[str, str], ...] = tuple((kind.name, kind.words) for kind in catalogue.KINDS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """An endpoint as its company sees it. The secret is not among it. `old_secret_until`: both sign until then."""

    id: UUID
    url: str
    description: str
    event_types: tuple[str, ...]
    is_enabled: bool
    disabled_because: Because
    failing_since: datetime | None
    old_secret_until: datetime | None
    last_sequence: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One message to one endpoint. An attempt: at, status (None when there was none), took_ms, answer, problem."""

    id: UUID
    endpoint_id: UUID
    sequence: int
    type: str
    state: DeliveryState
    created_at: datetime
    settled_at: datetime | None
    tries: int
    attempts: Sequence[dict[str, Any]]
    body: str


@tenancy.query
def endpoints(*, merchant_id: UUID) -> list[EndpointView]:
    """The company's endpoints, oldest first. There are ten at most."""
    return [endpoint_view(row) for row in Endpoint.objects.filter(merchant_id=merchant_id).order_by("id")]


@tenancy.query
def endpoint(*, merchant_id: UUID, endpoint_id: UUID) -> EndpointView:
    """One endpoint. Raises NotFound."""
    row = Endpoint.objects.filter(merchant_id=merchant_id, id=endpoint_id).first()
    if row is None:
        raise NotFound("There is no such webhook endpoint")
    return endpoint_view(row)


@tenancy.query
def deliveries(
    *, merchant_id: UUID, endpoint_id: UUID, before: UUID | None, limit: int, state: str | None = None
) -> list[DeliveryView]:
    """What was sent to the endpoint or waits for it, newest first. Raises NotFound, Invalid for an unknown state."""
    endpoint(merchant_id=merchant_id, endpoint_id=endpoint_id)
    found = Delivery.objects.filter(endpoint_id=endpoint_id).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    if state is not None:
        if state not in set(DeliveryState):
            raise Invalid(f"There is no state {state}; there are {', '.join(DeliveryState)}")
        found = found.filter(state=state)
    return [delivery_view(row) for row in found[:limit]]


@tenancy.query
def delivery(*, merchant_id: UUID, endpoint_id: UUID, delivery_id: UUID) -> DeliveryView:
    """One delivery. Raises NotFound."""
    row = Delivery.objects.filter(merchant_id=merchant_id, endpoint_id=endpoint_id, id=delivery_id).first()
    if row is None:
        raise NotFound("There is no such delivery")
    return delivery_view(row)


def endpoint_view(row: Endpoint) -> EndpointView:
    """The row as others see it."""
    return EndpointView(
        id=row.id,
        url=row.url,
        description=row.description,
        event_types=tuple(row.kinds),
        is_enabled=row.active_since is not None,
        disabled_because=Because(row.disabled_because),
        failing_since=row.failing_since,
        old_secret_until=row.old_secret_until,
        last_sequence=row.last_sequence,
        created_at=row.created_at,
    )


def delivery_view(row: Delivery) -> DeliveryView:
    """The row as others see it."""
    return DeliveryView(
        id=row.id,
        endpoint_id=row.endpoint_id,
        sequence=row.sequence,
        type=row.kind,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        settled_at=row.settled_at,
        tries=row.tries,
        attempts=row.attempts,
        body=row.body,
    )
