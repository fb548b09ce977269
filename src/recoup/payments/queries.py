"""What others may ask about captures and payouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.kernel import arrival
from recoup.payments.models import Capture, Payout
from recoup.payments.states import PayoutState
from recoup.payments.transactional import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a refund can go back to: a masked name, what is left there, and how long it takes to be seen."""

    capture_id: UUID
    method: str
    label: str
    currency: str
    refundable_minor: int
    speed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutOnItsWay:
    """A payout as its case shows it. `reference` is the bank's own, by which the money can be traced."""

    id: UUID
    state: PayoutState
    amount_minor: int
    currency: str
    method: str
    label: str
    speed: str
    reference: str | None
    failure_code: str | None
    reserved_at: datetime
    submitted_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    next_at: datetime | None
    is_parked: bool

    @property
    def needs_person(self) -> bool:
        """Nothing more happens until somebody decides."""
        return self.is_parked or self.state in (PayoutState.FAILED, PayoutState.REVERSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAccount:
    """Whose events arrive at an account's address, and what they are signed with (sealed)."""

    merchant_id: UUID
    rail: str
    secret_sealed: bytes


@tenancy.query
def sources_for_order(*, merchant_id: UUID, order_id: UUID) -> list[Source]:
    """The order's captures in the order of payment, with what is left of each (DOMAIN 3)."""
    return [
        Source(
            capture_id=capture.id,
            rail_account_id=capture.rail_account_id,
            provider_charge_id=capture.provider_charge_id,
            currency=capture.currency,
            refundable_minor=capture.refundable_minor(),
        )
        for capture in _captures(merchant_id, order_id)
    ]


@tenancy.query
def destinations(*, merchant_id: UUID, order_id: UUID) -> list[Destination]:
    """What the shopper can choose from, in the order of payment, to be shown before anything is confirmed."""
    return [
        Destination(
            capture_id=capture.id,
            method=capture.method,
            label=capture.label,
            currency=capture.currency,
            refundable_minor=capture.refundable_minor(),
            speed=arrival.speed(capture.method),
        )
        for capture in _captures(merchant_id, order_id)
    ]


@tenancy.query
def payouts_of_case(*, merchant_id: UUID, case_id: UUID) -> list[PayoutOnItsWay]:
    """Every leg of the case's refund, oldest first, canceled ones too."""
    payouts = Payout.objects.filter(merchant_id=merchant_id, case_id=case_id).select_related("capture").order_by("id")
    return [
        PayoutOnItsWay(
            id=payout.id,
            state=PayoutState(payout.state),
            amount_minor=payout.amount_minor,
            currency=payout.currency,
            method=payout.capture.method,
            label=payout.capture.label,
            speed=arrival.speed(payout.capture.method),
            reference=payout.provider_reference,
            failure_code=payout.failure_code,
            reserved_at=payout.reserved_at,
            submitted_at=payout.submitted_at,
            accepted_at=payout.accepted_at,
            finished_at=payout.finished_at,
            next_at=payout.next_at,
            is_parked=payout.parked_at is not None,
        )
        for payout in payouts
    ]


def find_webhook_account(*, rail_account_id: UUID) -> WebhookAccount | None:
    """The enabled account whose events arrive at that address, before any merchant is known. Only web may ask."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT merchant_id, rail, webhook_secret_sealed FROM payments_find_account(%s)", [rail_account_id]
        )
        row = cursor.fetchone()
    if row is None or row[2] is None:
        return None
    return WebhookAccount(merchant_id=row[0], rail=row[1], secret_sealed=bytes(row[2]))


def _captures(merchant_id: UUID, order_id: UUID) -> Sequence[Capture]:
    return list(Capture.objects.filter(merchant_id=merchant_id, order_id=order_id).order_by("position"))
