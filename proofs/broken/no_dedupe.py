"""A web that keeps every delivery of an event as a new one: the work of one event is done again for each of them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from recoup.config.programs.web_application import application
from recoup.webhooks import actions

__all__ = ["application"]

_keep_receipt = actions.keep_receipt


def _keep_each(**told: Any) -> bool:
    return _keep_receipt(**{**told, "event_id": f"{told['event_id']} {uuid4()}"})


actions.keep_receipt = _keep_each  # type: ignore[assignment]
