"""What the API says and hears about webhook endpoints and deliveries."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from recoup.access import doors
from recoup.callbacks import catalogue, signing
from recoup.callbacks.actions.rotate_secret import OVERLAP_H, OVERLAP_H_MAX
from recoup.callbacks.queries import DeliveryView, EndpointView
from recoup.callbacks.states import Because, DeliveryState
from recoup.callbacks.targets import LENGTH_MAX
from recoup.callbacks.wishes import DESCRIPTION_MAX

Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LENGTH_MAX,
        description="where your server listens: `https://`, a public name, port 443 or 8443",
        examples=["https://hooks.shop.example.com/recoup"],
    ),
]
EventType = Annotated[str, Field(json_schema_extra={"enum": list(catalogue.TYPES)})]
EventTypes = Annotated[list[EventType], Field(min_length=1, max_length=50)]
Description = Annotated[str, Field(max_length=DESCRIPTION_MAX, description="for people")]


class EndpointIn(doors.Strict):
    """A new endpoint: where, and what it wants to hear."""

    url: Url
    event_types: EventTypes
    description: Description = ""


class EndpointChangeIn(doors.Strict):
    """What is given is changed; the rest stays. `is_enabled` switches the endpoint on and off."""

    url: Url | None = None
    event_types: EventTypes | None = None
    description: Description | None = None
    is_enabled: bool | None = None


class RotateIn(doors.Strict):
    """For how many hours both secrets sign."""

    overlap_h: Annotated[int, Field(ge=0, le=OVERLAP_H_MAX)] = OVERLAP_H


class ReplayIn(doors.Strict):
    """Everything that failed for good and was made since then."""

    since: Annotated[doors.Moment, Field(examples=["2026-11-20T00:00:00+08:00"])]


class EndpointOut(doors.Strict):
    """An endpoint. Its secret is shown only when it is made or replaced."""

    id: UUID
    url: str
    description: str
    event_types: list[str]
    is_enabled: bool
    disabled_because: Annotated[Because, Field(description="empty while it is switched on")]
    failing_since: Annotated[AwareDatetime | None, Field(description="since when it has taken nothing")]
    old_secret_until: Annotated[AwareDatetime | None, Field(description="until then two secrets sign")]
    last_sequence: Annotated[int, Field(description="the number of its newest message")]
    created_at: AwareDatetime


class EndpointMadeOut(EndpointOut):
    """A new endpoint and its secret (`whsec_...`), which is shown this once."""

    secret: str


class SecretOut(doors.Strict):
    """The new secret, shown this once. Until `old_secret_until` messages carry a signature by each."""

    id: UUID
    secret: str
    old_secret_until: AwareDatetime


class EndpointsOut(doors.Strict):
    """All endpoints of the company; there are ten at most."""

    data: list[EndpointOut]


class EndpointRemovedOut(doors.Strict):
    """The endpoint, its secret and its log are gone."""

    id: UUID
    is_removed: bool


class AttemptOut(BaseModel):
    """One try. Without an answer `status` is null and `problem` says why."""

    at: AwareDatetime
    status: int | None
    took_ms: int
    answer: Annotated[str, Field(description="the first kilobyte of what your server said")]
    problem: str


class DeliveryOut(doors.Strict):
    """One message to one endpoint. `message_id` is what your server sees as the header `webhook-id`."""

    id: UUID
    message_id: str
    sequence: int
    type: str
    state: DeliveryState
    created_at: AwareDatetime
    settled_at: AwareDatetime | None
    attempts: Annotated[list[AttemptOut], Field(description="oldest first; the last twenty")]
    body: Annotated[str, Field(description="what is sent and signed, as it is")]


class DeliveriesOut(doors.Strict):
    """A page of deliveries, newest first."""

    data: list[DeliveryOut]
    next_cursor: str | None


class InLineOut(doors.Strict):
    """The message waits for its turn, which is usually within a second."""

    delivery_id: UUID


class ReplayedOut(doors.Strict):
    """How many messages wait to be sent once more."""

    count: int


def of_endpoint(view: EndpointView) -> dict[str, Any]:
    """The endpoint as EndpointOut has it."""
    told = {name: getattr(view, name) for name in EndpointOut.model_fields}
    return told | {"event_types": list(view.event_types)}


def of_delivery(view: DeliveryView) -> dict[str, Any]:
    """The delivery as DeliveryOut has it."""
    told = {name: getattr(view, name) for name in DeliveryOut.model_fields if name != "message_id"}
    return told | {"message_id": signing.message_id(view.id), "attempts": list(view.attempts)}
