"""Reads a provider's event: which refund or dispute it hints at. Nothing in it is believed beyond that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from recoup.payments.transactional import DisputeHint, RefundHint

#: Disputes that take no money, or no longer (https://docs.stripe.com/api/disputes/object, `status`).
_HARMLESS = frozenset({"won", "warning_needs_response", "warning_under_review", "warning_closed", "prevented"})


class Unreadable(ValueError):
    """The event is not in the shape that the provider publishes."""


@dataclass(frozen=True, slots=True)
class DisputeEvent:
    """A dispute's hint, and where it stands among the events of the same dispute."""

    dispute_id: str
    order: tuple[int, bool]
    hint: DisputeHint


def read(body: bytes, *, rail_account_id: UUID) -> RefundHint | DisputeEvent | None:
    """What the event hints at; None when it is about something that is none of our business. Raises Unreadable."""
    try:
        event = orjson.loads(body)
        kind, subject = str(event["type"]), event["data"]["object"]
        if kind.startswith("charge.dispute."):
            return _dispute(event, subject, rail_account_id)
        if kind.startswith(("refund.", "charge.refund.")):
            return _refund(subject, rail_account_id)
        if kind in ("charge.refunded", "charge.updated"):
            return RefundHint(
                rail_account_id=rail_account_id,
                provider_charge_id=str(subject["id"]),
                provider_intent_id=_name(subject.get("payment_intent")),
                refunded_minor=int(subject["amount_refunded"]),
            )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as problem:
        raise Unreadable(type(problem).__name__) from problem
    return None


def order_of(body: bytes) -> tuple[int, bool]:
    """Where a dispute's event stands among its kind: by the provider's clock, its end last. Raises Unreadable."""
    try:
        return _order(orjson.loads(body))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as problem:
        raise Unreadable(type(problem).__name__) from problem


def _refund(refund: Mapping[str, Any], rail_account_id: UUID) -> RefundHint:
    return RefundHint(
        rail_account_id=rail_account_id,
        payout_id=_payout_id((refund.get("metadata") or {}).get("recoup_payout")),
        provider_refund_id=str(refund["id"]),
        provider_charge_id=_name(refund.get("charge")),
        provider_intent_id=_name(refund.get("payment_intent")),
        status=str(refund["status"]),
    )


def _dispute(event: Mapping[str, Any], dispute: Mapping[str, Any], rail_account_id: UUID) -> DisputeEvent:
    held_minor = 0 if dispute["status"] in _HARMLESS else int(dispute["amount"])
    hint = DisputeHint(
        rail_account_id=rail_account_id, provider_charge_id=str(dispute["charge"]), disputed_minor=held_minor
    )
    return DisputeEvent(str(dispute["id"]), _order(event), hint)


def _order(event: Mapping[str, Any]) -> tuple[int, bool]:
    return int(event["created"]), event["type"] == "charge.dispute.closed"


def _name(told: object) -> str | None:
    """An object's id. The provider may send the whole object in its place; that names nothing to us."""
    return told if isinstance(told, str) else None


def _payout_id(told: object) -> UUID | None:
    try:
        return UUID(str(told)) if told else None
    except ValueError:
        return None
