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
    #: How much it may approve alone, in minor units of the company's currency; null: what the company lets keys.
    approve_limit_minor = models.BigIntegerField(null=True)
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


class Limit(models.Model):
    """Another limit than the table's (`limits_rules`) for a company, or for one of its keys."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    key_id = models.UUIDField(null=True)
    bucket = models.TextField()
    quota = models.BigIntegerField()
    window_s = models.BigIntegerField()
    set_by = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "key_id", "bucket"], name="one_limit_of_a_kind", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(quota__gt=0, window_s__gt=0), name="a_limit_lets_something_pass"),
        ]


class Spent(models.Model):
    """How much of a limit is spent. The subject is a keyed hash: no address and no account can be read from it."""

    pk = models.CompositePrimaryKey("bucket", "subject")
    bucket = models.TextField()
    subject = models.BinaryField()
    spent = models.FloatField()
    taken = models.FloatField()
    window_no = models.BigIntegerField()
    at = models.DateTimeField()


class AllowedOrigin(models.Model):
    """A company's own site whose pages may call the JSON API from a browser, with a key in the header Authorization."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    origin = models.TextField()
    added_by = models.TextField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant_id", "origin"], name="an_origin_is_allowed_once")]
