"""Journals and postings. Insert-only by grants; a deferred trigger refuses a journal that does not balance."""

from __future__ import annotations

from django.db import models


class Journal(models.Model):
    """One business fact in the books. (`kind`, `reference_id`, `epoch`) is written once, however often it is told."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    kind = models.TextField()
    reference_id = models.UUIDField()
    epoch = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference_id", "kind", "epoch"], name="each_fact_is_posted_once")
        ]


class Posting(models.Model):
    """One side of a journal: debits are positive, credits negative. `provider_account` tells cash accounts apart."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="postings")
    account = models.TextField()
    rail_account_id = models.UUIDField(null=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount_minor=0), name="a_posting_moves_something")]
        indexes = [models.Index(fields=["merchant_id", "account", "currency"], name="posting_by_account")]
