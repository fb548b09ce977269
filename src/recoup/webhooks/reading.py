"""Reads a provider's event: which refund or dispute it hints at. Nothing in it is believed beyond that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from recoup.payments.transactional import DisputeHint, RefundHint

#: Disputes that take no money, or no longer (https://docs.stripe.com/api/disputes/object, `status`).
_HARMLESS = frozenset({"won", "warning_needs_response", "warning_under_review", "warning_closed", "prevented"})


class Unreadable(ValueError):
    """The event is not in the shape that the provider publishes."""


def read(body: bytes, *, rail_account_id: UUID) -> RefundHint | DisputeHint | None:
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


def _refund(refund: Mapping[str, Any], rail_account_id: UUID) -> RefundHint:
    return RefundHint(
        rail_account_id=rail_account_id,
        payout_id=_payout_id((refund.get("metadata") or {}).get("recoup_payout")),
        provider_refund_id=str(refund["id"]),
        provider_charge_id=_name(refund.get("charge")),
        provider_intent_id=_name(refund.get("payment_intent")),
        status=str(refund["status"]),
    )


def _dispute(event: Mapping[str, Any], dispute: Mapping[str, Any], rail_account_id: UUID) -> DisputeHint:
    return DisputeHint(
        rail_account_id=rail_account_id,
        provider_dispute_id=str(dispute["id"]),
        provider_charge_id=str(dispute["charge"]),
        provider_intent_id=_name(dispute.get("payment_intent")),
        held=0 if dispute["status"] in _HARMLESS else int(dispute["amount"]),
        currency=str(dispute["currency"]).upper(),
        told_at_s=int(event["created"]),
        is_closed=event["type"] == "charge.dispute.closed",
    )


def _name(told: object) -> str | None:
    """An object's id. The provider may send the whole object in its place; that names nothing to us."""
    return told if isinstance(told, str) else None


def _payout_id(told: object) -> UUID | None:
    try:
        return UUID(str(told)) if told else None
    except ValueError:
        return None
