"""What others told us, as they said it."""

from __future__ import annotations

from django.db import models


class Receipt(models.Model):
    """One event of a provider, stored raw before anything is believed. A hint: the provider's state is read again."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    rail_account_id = models.UUIDField()
    event_id = models.TextField()
    kind = models.TextField()
    body = models.BinaryField()
    received_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail_account_id", "event_id"], name="an_event_is_stored_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="receipt_waiting",
                condition=models.Q(next_at__isnull=False, parked_at__isnull=True),
            )
        ]
