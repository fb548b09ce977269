"""A company's webhook endpoints through the API: made, changed, tried, removed; and what was sent to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from recoup.access import documented, doors, pages
from recoup.access.resources import Webhook
from recoup.callbacks import actions, queries, shapes
from recoup.callbacks.states import DeliveryState
from recoup.kernel import clock

router = Router(tags=["webhooks"])

_READS, _WRITES = "webhooks:read", "webhooks:write"
_STATE = documented.query("state", "Only those that stand so.", type="string", enum=list(DeliveryState))


@router.get(
    "",
    auth=doors.asks(_READS),
    response=shapes.EndpointsOut,
    summary="All webhook endpoints",
    operation_id="list_webhook_endpoints",
)
def show_all(request: HttpRequest) -> dict[str, Any]:
    """Oldest first."""
    doors.no_query(request)
    found = queries.endpoints(merchant_id=doors.principal(request).company)
    return {"data": [shapes.of_endpoint(view) for view in found]}


@router.post(
    "",
    auth=doors.asks(_WRITES),
    response={201: shapes.EndpointMadeOut},
    summary="Add a webhook endpoint; its secret is shown once",
    operation_id="create_webhook_endpoint",
    openapi_extra=documented.tells(actions.UrlRefused, actions.TooManyEndpoints),
)
def create(request: HttpRequest, body: shapes.EndpointIn) -> Status[dict[str, Any]]:
    """Your server hears of what happens from now on. The address has to be a public one; it is looked up before it is
    kept, and again at each sending.
    """
    who = doors.principal(request)
    view, secret = actions.add_endpoint(
        merchant_id=who.company,
        url=body.url,
        event_types=body.event_types,
        description=body.description,
        by=who.actor,
        at=clock.now(),
    )
    return Status(201, {**shapes.of_endpoint(view), "secret": secret})


@router.get(
    "/{endpoint_id}",
    auth=doors.asks(_READS),
    response=shapes.EndpointOut,
    summary="One webhook endpoint",
    operation_id="get_webhook_endpoint",
)
def show(request: HttpRequest, endpoint_id: UUID) -> dict[str, Any]:
    """Whether it is on, and since when it has failed."""
    doors.no_query(request)
    return shapes.of_endpoint(queries.endpoint(merchant_id=_may(request, _READS, endpoint_id), endpoint_id=endpoint_id))


@router.patch(
    "/{endpoint_id}",
    auth=doors.asks(_WRITES),
    response=shapes.EndpointOut,
    summary="Change a webhook endpoint, or switch it on or off",
    operation_id="change_webhook_endpoint",
    openapi_extra=documented.tells(actions.UrlRefused),
)
def change(request: HttpRequest, endpoint_id: UUID, body: shapes.EndpointChangeIn) -> dict[str, Any]:
    """Messages that wait for an endpoint that is switched off are given up; they can be replayed later. What happens
    while it is off is not told.
    """
    view = actions.change_endpoint(
        merchant_id=_may(request, _WRITES, endpoint_id),
        endpoint_id=endpoint_id,
        by=doors.principal(request).actor,
        at=clock.now(),
        **body.model_dump(),
    )
    return shapes.of_endpoint(view)


@router.delete(
    "/{endpoint_id}",
    auth=doors.asks(_WRITES),
    response=shapes.EndpointRemovedOut,
    summary="Remove a webhook endpoint with its log",
    operation_id="remove_webhook_endpoint",
)
def remove(request: HttpRequest, endpoint_id: UUID) -> dict[str, Any]:
    """To keep the log, switch it off instead."""
    merchant_id, who = _may(request, _WRITES, endpoint_id), doors.principal(request)
    actions.remove_endpoint(merchant_id=merchant_id, endpoint_id=endpoint_id, by=who.actor, at=clock.now())
    return {"id": endpoint_id, "is_removed": True}


@router.post(
    "/{endpoint_id}/rotate-secret",
    auth=doors.asks(_WRITES),
    response={201: shapes.SecretOut},
    summary="Replace an endpoint's secret; both sign for a while",
    operation_id="rotate_webhook_secret",
)
def rotate(request: HttpRequest, endpoint_id: UUID, body: shapes.RotateIn) -> Status[dict[str, Any]]:
    """For a day, or as long as you say, messages carry a signature by each secret. After a leak, say 0."""
    until, secret = actions.rotate_secret(
        merchant_id=_may(request, _WRITES, endpoint_id),
        endpoint_id=endpoint_id,
        overlap_h=body.overlap_h,
        by=doors.principal(request).actor,
        at=clock.now(),
    )
    return Status(201, {"id": endpoint_id, "secret": secret, "old_secret_until": until})


@router.post(
    "/{endpoint_id}/test",
    auth=doors.asks(_WRITES),
    response={202: shapes.InLineOut},
    summary="Send a test message",
    operation_id="test_webhook_endpoint",
    openapi_extra=documented.tells(actions.SwitchedOff),
)
def try_it(request: HttpRequest, endpoint_id: UUID) -> Status[dict[str, Any]]:
    """A message of the type `endpoint.test` is signed and sent like any other, behind those that wait already."""
    delivery_id = actions.try_endpoint(
        merchant_id=_may(request, _WRITES, endpoint_id),
        endpoint_id=endpoint_id,
        by=doors.principal(request).actor,
        at=clock.now(),
    )
    return Status(202, {"delivery_id": delivery_id})


@router.post(
    "/{endpoint_id}/replay",
    auth=doors.asks(_WRITES),
    response={202: shapes.ReplayedOut},
    summary="Send again everything that failed since a time",
    operation_id="replay_failed_webhooks",
    openapi_extra=documented.tells(actions.SwitchedOff),
)
def replay_failed(request: HttpRequest, endpoint_id: UUID, body: shapes.ReplayIn) -> Status[dict[str, Any]]:
    """In their order, with the ids and numbers they had."""
    count = actions.replay_failed(
        merchant_id=_may(request, _WRITES, endpoint_id),
        endpoint_id=endpoint_id,
        since=body.since,
        by=doors.principal(request).actor,
        at=clock.now(),
    )
    return Status(202, {"count": count})


@router.get(
    "/{endpoint_id}/deliveries",
    auth=doors.asks(_READS),
    response=shapes.DeliveriesOut,
    summary="What was sent to an endpoint",
    operation_id="list_webhook_deliveries",
    openapi_extra=documented.tells(parameters=(*documented.PAGE, _STATE)),
)
def show_deliveries(request: HttpRequest, endpoint_id: UUID) -> dict[str, Any]:
    """Newest first, with every attempt. Kept for 30 days after they were delivered or given up."""
    doors.no_query(request, "cursor", "limit", "state")
    before, limit = pages.place(request)
    found = queries.deliveries(
        merchant_id=_may(request, _READS, endpoint_id),
        endpoint_id=endpoint_id,
        before=before,
        limit=limit + 1,
        state=request.GET.get("state"),
    )
    return pages.page([shapes.of_delivery(view) for view in found], [view.id for view in found], limit=limit)


@router.get(
    "/{endpoint_id}/deliveries/{delivery_id}",
    auth=doors.asks(_READS),
    response=shapes.DeliveryOut,
    summary="One delivery",
    operation_id="get_webhook_delivery",
)
def show_delivery(request: HttpRequest, endpoint_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    """With its body and every attempt."""
    doors.no_query(request)
    merchant_id = _may(request, _READS, endpoint_id)
    return shapes.of_delivery(
        queries.delivery(merchant_id=merchant_id, endpoint_id=endpoint_id, delivery_id=delivery_id)
    )


@router.post(
    "/{endpoint_id}/deliveries/{delivery_id}/replay",
    auth=doors.asks(_WRITES),
    response={202: shapes.InLineOut},
    summary="Send one message again",
    operation_id="replay_webhook_delivery",
    openapi_extra=documented.tells(actions.SwitchedOff),
)
def replay(request: HttpRequest, endpoint_id: UUID, delivery_id: UUID) -> Status[dict[str, Any]]:
    """The same message byte for byte, with the id it had: your server can tell that it is a repetition."""
    actions.replay(
        merchant_id=_may(request, _WRITES, endpoint_id),
        endpoint_id=endpoint_id,
        delivery_id=delivery_id,
        by=doors.principal(request).actor,
        at=clock.now(),
    )
    return Status(202, {"delivery_id": delivery_id})


def _may(request: HttpRequest, action: str, endpoint_id: UUID) -> UUID:
    """The asker's company, when they may do that with this endpoint. Raises NotAllowed."""
    company = doors.principal(request).company
    doors.need(request, action, Webhook(company=company, endpoint=endpoint_id))
    return company
