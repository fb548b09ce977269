"""Keys of machines, and the answers that are given again when a key of a request is seen twice."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from recoup.kernel.ids import uuid7


class ApiKey(models.Model):
    """A merchant's server. Only the SHA-256 of the 256-bit secret is kept; `hint` is its last four letters."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    label = models.TextField()
    hint = models.TextField()
    secret_hash = models.BinaryField(unique=True)
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class StoredAnswer(models.Model):
    """The answer to an idempotency key: same key and body get these bytes again (DOMAIN 5)."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    key = models.TextField()
    request_hash = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant_id", "key"], name="one_answer_per_idempotency_key")]
