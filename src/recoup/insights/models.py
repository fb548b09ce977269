"""The read models."""

from __future__ import annotations

from django.db import models

from recoup.kernel.ids import uuid7


class ItemClaim(models.Model):
    """What of one order line was asked for in one case, beside everything that a report groups by. `id` is the case
    line's; amounts in minor units. Written from events; nothing but reports reads it, and it can be written anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    case_id = models.UUIDField()
    requested_at = models.DateTimeField()
    sku = models.TextField()
    title = models.TextField()
    category = models.TextField()
    reason = models.TextField()
    channel = models.TextField()
    country = models.TextField()
    state = models.TextField()
    currency = models.CharField(max_length=3)
    quantity = models.PositiveIntegerField()
    quantity_granted = models.PositiveIntegerField()
    amount_requested_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["merchant_id", "requested_at"], name="claim_by_time"),
            models.Index(fields=["merchant_id", "sku", "requested_at"], name="claim_by_item"),
        ]


class Promise(models.Model):
    """How a company kept the promise of five minutes in the 30 days before `measured_at`. Everybody may read it: it is
    what shoppers are shown. `id` is the company's. `methods`: `{method: {count, p50_s}}`, from request to acceptance.
    """

    id = models.UUIDField(primary_key=True)
    measured_at = models.DateTimeField()
    granted = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    p50_s = models.FloatField(null=True)
    methods = models.JSONField(default=dict)
