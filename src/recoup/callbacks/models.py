"""Where companies want to be told, and what was told to them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from recoup.callbacks.states import Because, DeliveryState
from recoup.kernel.ids import uuid7


class Endpoint(models.Model):
    """An address of a company's server, with its signing secret.

    `active_since` is null while it is switched off; what happened before is not told. `next_at` is when its oldest
    waiting delivery is to be sent; `lease_until` and `fence` belong to whoever is sending. So an endpoint's deliveries
    go one after another, and it holds up nobody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    url = models.TextField()
    description = models.TextField(blank=True, default="")
    kinds = ArrayField(models.TextField())
    secret_sealed = models.BinaryField()
    old_secret_sealed = models.BinaryField(null=True)
    old_secret_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    active_since = models.DateTimeField(null=True)
    disabled_because = models.TextField(
        choices=[(why.value, why.value) for why in Because], blank=True, default=Because.NOTHING
    )
    failing_since = models.DateTimeField(null=True)
    last_sequence = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["merchant_id"], name="endpoint_by_company"),
            models.Index(fields=["next_at"], name="endpoint_waiting", condition=models.Q(next_at__isnull=False)),
        ]


class Delivery(models.Model):
    """One message to one endpoint. `body` is what is signed and sent, byte for byte the same at every try.

    `tries` counts those of the present round, `attempts` keeps the last ones: at, status, took_ms, answer, problem.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE)
    sequence = models.BigIntegerField()
    event_id = models.BigIntegerField(null=True)
    kind = models.TextField()
    body = models.TextField()
    created_at = models.DateTimeField()
    state = models.TextField(
        choices=[(state.value, state.value) for state in DeliveryState], default=DeliveryState.WAITING
    )
    tries = models.PositiveIntegerField(default=0)
    attempts = models.JSONField(default=list)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "sequence"], name="a_sequence_number_is_given_once"),
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="an_endpoint_is_told_an_event_once"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "sequence"],
                name="delivery_waiting",
                condition=models.Q(state=DeliveryState.WAITING.value),
            ),
        ]
