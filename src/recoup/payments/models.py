"""Captures, payouts, answers. What a provider's secret is stands in `vault.box`, which the product cannot read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from recoup.events.transactional import Happening
from recoup.kernel.ids import uuid7
from recoup.payments.states import PayoutState


class RailAccount(models.Model):
    """A merchant's account at a payment provider. `webhook_secret_sealed` verifies what the provider tells us."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    rail = models.TextField()
    label = models.TextField()
    base_url = models.TextField(blank=True, default="")
    webhook_secret_sealed = models.BinaryField(null=True)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class Capture(models.Model):
    """Money that was taken for an order, and the guarded counters of what has gone back (PROOFS 4).

    `elsewhere_minor` went back without us: refunds that no payout of ours stands for (see `Sighting`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="captures")
    rail_account = models.ForeignKey(RailAccount, on_delete=models.PROTECT, db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    method = models.TextField()
    label = models.TextField()
    provider_charge_id = models.TextField()
    currency = models.CharField(max_length=3)
    captured_minor = models.BigIntegerField()
    reserved_minor = models.BigIntegerField(db_default=0, default=0)
    paid_minor = models.BigIntegerField(db_default=0, default=0)
    disputed_minor = models.BigIntegerField(db_default=0, default=0)
    elsewhere_minor = models.BigIntegerField(db_default=0, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail_account", "provider_charge_id"], name="a_charge_is_captured_once"),
            models.CheckConstraint(
                condition=Q(reserved_minor__gte=0, paid_minor__gte=0, disputed_minor__gte=0, captured_minor__gt=0),
                name="capture_counters_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(captured_minor__gte=F("reserved_minor") + F("paid_minor")),
                name="never_more_back_than_captured",
            ),
        ]

    def refundable_minor(self) -> int:
        """What is left to give back; nothing when the shopper's bank has taken more than there was (DOMAIN 3, 7)."""
        ours = self.reserved_minor + self.paid_minor
        return max(0, self.captured_minor - ours - self.disputed_minor - self.elsewhere_minor)


class Payout(models.Model):
    """One leg of a refund to one destination. `fence` grows with each claim; a later write must carry it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    case_id = models.UUIDField()
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="payouts")
    rail_account_id = models.UUIDField()
    provider_charge_id = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField(choices=[(state.value, state.value) for state in PayoutState])
    epoch = models.PositiveIntegerField(default=0)
    idempotency_key = models.UUIDField(null=True)
    provider_refund_id = models.TextField(null=True)
    provider_reference = models.TextField(null=True)
    failure_code = models.TextField(null=True)
    look_up = models.BooleanField(default=False)
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    reserved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_payout_pays_something"),
            models.UniqueConstraint(
                fields=["rail_account_id", "provider_refund_id"], name="a_provider_refund_belongs_to_one_payout"
            ),
        ]
        indexes = [
            models.Index(fields=["case_id"], name="payout_by_case"),
            models.Index(
                fields=["next_at"],
                name="payout_waiting",
                condition=Q(next_at__isnull=False, parked_at__isnull=True),
            ),
        ]

    def is_out_of_reach(self) -> bool:
        """No rail can still carry it out: never sent, failed, returned, refused for want of funds. Not while parked."""
        if self.parked_at is not None:
            return False
        if self.state in (PayoutState.FAILED, PayoutState.REVERSED):
            return True
        if self.state == PayoutState.AWAITING_MERCHANT_FUNDS:
            return self.provider_refund_id is None
        return self.state == PayoutState.QUEUED and self.submitted_at is None

    def is_unheard(self) -> bool:
        """No rail was ever asked for it, in this attempt or an earlier one."""
        return self.state == PayoutState.QUEUED and self.epoch == 0 and self.submitted_at is None

    def happening(self, kind: str, *, actor: str, at: datetime, **more: Any) -> Happening:
        """An event about this payout, with what every such event says."""
        facts = {"case_id": self.case_id, "amount_minor": self.amount_minor, "currency": self.currency}
        data = {**facts, "epoch": self.epoch, **more}
        return Happening(merchant_id=self.merchant_id, at=at, kind=kind, subject_id=self.id, actor=actor, data=data)


class Dispute(models.Model):
    """What a shopper's bank holds back of a capture in one dispute, as the rail told it last by its own clock."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    rail_account_id = models.UUIDField()
    provider_dispute_id = models.TextField()
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="disputes")
    held_minor = models.BigIntegerField()
    told_at_s = models.BigIntegerField()
    is_closed = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail_account_id", "provider_dispute_id"], name="a_dispute_has_one_row"),
            models.CheckConstraint(condition=Q(held_minor__gte=0), name="a_dispute_holds_nothing_or_something"),
        ]


class Answer(models.Model):
    """What a rail said about a payout. Written by the vault, insert-only; `applied_at` is the worker's."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="answers")
    fence = models.BigIntegerField()
    epoch = models.PositiveIntegerField()
    outcome = models.TextField()
    provider_refund_id = models.TextField(null=True)
    provider_reference = models.TextField(null=True)
    failure_code = models.TextField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, null=True)
    at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="answer_unapplied", condition=Q(applied_at__isnull=True))]


class Reading(models.Model):
    """What the vault reads at a rail beside payouts: the refunds of one charge, or an account's newest ones.

    An empty `provider_charge_id` means the whole account: read for ever, from `cursor` on. A charge is read when
    somebody wishes it, and again on a schedule of which `turn` is the place.
    """

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    rail_account_id = models.UUIDField()
    provider_charge_id = models.TextField(db_default="", default="")
    cursor = models.TextField(null=True)
    turn = models.PositiveSmallIntegerField(db_default=0, default=0)
    fence = models.BigIntegerField(db_default=0, default=0)
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rail_account_id", "provider_charge_id"], name="a_charge_is_read_in_one_row"
            )
        ]
        indexes = [models.Index(fields=["next_at"], name="reading_waiting", condition=Q(next_at__isnull=False))]


class Sighting(models.Model):
    """A refund at a rail that does not agree with our payouts, as the vault last saw it. One row for each for ever.

    `payout_id` is the payout of ours that its reference names, if any. `counted_minor` of it is in the guard of
    `capture_id` and in the books; each change of that has the next `turn`, so that it has a journal of its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    rail_account_id = models.UUIDField()
    provider_refund_id = models.TextField()
    provider_charge_id = models.TextField(null=True)
    provider_intent_id = models.TextField(null=True)
    payout_id = models.UUIDField(null=True)
    status = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    seen_at = models.DateTimeField()
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, null=True, related_name="sightings")
    counted_minor = models.BigIntegerField(db_default=0, default=0)
    turn = models.PositiveIntegerField(db_default=0, default=0)
    tries = models.PositiveIntegerField(db_default=0, default=0)
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rail_account_id", "provider_refund_id"], name="a_refund_is_sighted_in_one_row"
            ),
            models.CheckConstraint(
                condition=Q(counted_minor=0) | Q(counted_minor=F("amount_minor"), capture__isnull=False),
                name="a_sighting_counts_wholly_or_not",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="sighting_waiting", condition=Q(next_at__isnull=False))]
