"""What companies can be told: the types of messages, which of our events each comes from, and the shape of its data.

A type's shape only ever gains fields. One that would have to lose or change one becomes another `version`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1
TEST = "endpoint.test"

Minor = Annotated[int, Field(description="in minor units of `currency`")]


class Shape(BaseModel):
    """What a message carries. Read leniently: new fields may come."""

    model_config = ConfigDict(extra="allow")


class RefundData(Shape):
    """A refund, by its names and sums. Ask `GET /api/v1/refunds/{refund_id}` for everything else."""

    refund_id: UUID
    number: Annotated[str, Field(description="the case number that the shopper knows")]
    order_number: Annotated[str, Field(description="as you told it")]
    currency: Annotated[str, Field(description="ISO 4217; empty while the order is not known")]
    amount_requested_minor: Minor
    amount_minor: Annotated[int, Field(description="granted so far, in minor units of `currency`")]


class PayoutData(Shape):
    """One payment of a refund: what goes back to one means of payment."""

    payout_id: UUID
    refund_id: UUID
    number: Annotated[str, Field(description="the case number that the shopper knows")]
    order_number: Annotated[str, Field(description="as you told it")]
    currency: Annotated[str, Field(description="ISO 4217")]
    amount_minor: Minor


class TestData(Shape):
    """Nothing happened: somebody tried the endpoint."""

    endpoint_id: UUID


class Message(Shape):
    """The body of every message. `type` says what happened and how to read `data`."""

    type: str
    version: Literal[1]
    timestamp: Annotated[datetime, Field(description="when it happened; a repetition has the same")]
    sequence: Annotated[int, Field(ge=1, description="counts up by one for each message to this endpoint")]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of message, by its name."""

    name: str
    words: str
    data: type[Shape]


def _refund(what: str, words: str) -> tuple[str, Kind]:
    return f"case.{what}", Kind(name=f"refund.{what}", words=words, data=RefundData)


def _payout(what: str, words: str) -> tuple[str, Kind]:
    return f"payout.{what}", Kind(name=f"payout.{what}", words=words, data=PayoutData)


#: Our event -> what companies are told.
KINDS: dict[str, Kind] = dict(
    (
        _refund("submitted", "A refund was asked for"),
        _refund("needs_evidence", "The shopper was asked for photos or words"),
        _refund("evidence_added", "The shopper answered"),
        _refund("awaiting_return", "The shopper was asked to send the goods back"),
        _refund("goods_graded", "Goods came back and were looked at"),
        _refund("in_review", "A person has to decide"),
        _refund("approved", "Approved in full"),
        _refund("partly_approved", "Approved in part"),
        _refund("rejected", "Rejected"),
        _refund("appealed", "The shopper disagrees with a rejection"),
        _refund("withdrawn", "The shopper withdrew it"),
        _refund("expired", "It waited too long for the shopper"),
        _refund("initiated", "All its payments were accepted by the payment provider"),
        _refund("credited", "The money is there"),
        _refund("reopened", "A payment did not arrive; a person looks at it"),
        _refund("closed", "Nothing is left to do"),
        _payout("accepted", "The payment provider accepted the payment"),
        _payout("succeeded", "The payment was made"),
        _payout("failed", "The payment failed"),
        _payout("reversed", "The payment came back"),
    )
)
#: What an endpoint can choose from.
TYPES: tuple[str, ...] = tuple(kind.name for kind in KINDS.values())
EVENTS = frozenset(KINDS)
BY_TYPE: dict[str, Kind] = {kind.name: kind for kind in KINDS.values()} | {
    TEST: Kind(name=TEST, words="Somebody tried the endpoint", data=TestData)
}
