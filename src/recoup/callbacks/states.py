"""What a delivery and an endpoint can be."""

from __future__ import annotations

from enum import StrEnum


class DeliveryState(StrEnum):
    """A delivery waits for its turn, was taken by its receiver, or was given up; replaying makes it wait again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Because(StrEnum):
    """Why an endpoint is switched off."""

    NOTHING = ""
    PERSON = "switched_off"
    GONE = "gone"
    FAILING = "failing"
