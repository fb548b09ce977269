"""Your webhook endpoints: where Recoup tells your server what happens, and what was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup_client.errors import NotUnderstood
from recoup_client.line import Line, piece
from recoup_client.models import Delivery, WebhookEndpoint, WebhookEndpointMade, WebhookSecret, read
from recoup_client.paging import each

Id = UUID | str


class WebhookEndpoints:
    """`recoup.webhook_endpoints`."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def create(self, *, url: str, event_types: Sequence[str], description: str = "") -> WebhookEndpointMade:
        """An endpoint. Its secret is shown this once. Raises Refused when nothing can be sent to that address."""
        body = {"url": url, "event_types": list(event_types), "description": description}
        return read(WebhookEndpointMade, self._line.call("POST", "/webhook-endpoints", body).body)

    def list(self) -> list[WebhookEndpoint]:
        """All of them, oldest first."""
        told = self._line.call("GET", "/webhook-endpoints").body
        if not isinstance(told, dict) or not isinstance(told.get("data"), list):
            raise NotUnderstood("/webhook-endpoints did not answer with a list")
        return [read(WebhookEndpoint, row) for row in told["data"]]

    def get(self, endpoint_id: Id) -> WebhookEndpoint:
        """One. Raises NotFound."""
        return read(WebhookEndpoint, self._line.call("GET", f"/webhook-endpoints/{piece(endpoint_id)}").body)

    def change(
        self,
        endpoint_id: Id,
        *,
        url: str | None = None,
        event_types: Sequence[str] | None = None,
        description: str | None = None,
        is_enabled: bool | None = None,
    ) -> WebhookEndpoint:
        """What is given is changed; the rest stays. The same again changes nothing, so it is retried freely."""
        given = {"url": url, "event_types": event_types, "description": description, "is_enabled": is_enabled}
        body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        path = f"/webhook-endpoints/{piece(endpoint_id)}"
        return read(WebhookEndpoint, self._line.call("PATCH", path, body, is_repeatable=True).body)

    def remove(self, endpoint_id: Id) -> None:
        """It is gone, with its log. Raises NotFound."""
        self._line.call("DELETE", f"/webhook-endpoints/{piece(endpoint_id)}")

    def rotate_secret(self, endpoint_id: Id, *, overlap_h: int = 24) -> WebhookSecret:
        """A new secret; until the overlap ends, both sign: give both to WebhookVerifier."""
        path = f"/webhook-endpoints/{piece(endpoint_id)}/rotate-secret"
        return read(WebhookSecret, self._line.call("POST", path, {"overlap_h": overlap_h}).body)

    def test(self, endpoint_id: Id) -> UUID:
        """A test message is on its way; gives its delivery's id."""
        return self._in_line(self._line.call("POST", f"/webhook-endpoints/{piece(endpoint_id)}/test").body)

    def deliveries(self, endpoint_id: Id, *, state: str | None = None, limit: int | None = None) -> Iterator[Delivery]:
        """What was sent, newest first, with every attempt."""
        path = f"/webhook-endpoints/{piece(endpoint_id)}/deliveries"
        return each(self._line, path, Delivery, query={"state": state}, limit=limit)

    def replay(self, endpoint_id: Id, delivery_id: Id) -> UUID:
        """The same message once more, with the id it had."""
        path = f"/webhook-endpoints/{piece(endpoint_id)}/deliveries/{piece(delivery_id)}/replay"
        return self._in_line(self._line.call("POST", path).body)

    def replay_failed(self, endpoint_id: Id, *, since: datetime) -> int:
        """Everything that failed for good since then, once more; gives how many."""
        path = f"/webhook-endpoints/{piece(endpoint_id)}/replay"
        told = self._line.call("POST", path, {"since": since.isoformat()}).body
        return int(told["count"]) if isinstance(told, dict) else 0

    @staticmethod
    def _in_line(told: Any) -> UUID:
        if not isinstance(told, dict) or "delivery_id" not in told:
            raise NotUnderstood("The answer names no delivery")
        return UUID(told["delivery_id"])
