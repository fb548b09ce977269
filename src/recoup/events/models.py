"""The tables of what happened. All are insert-only by grants."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One domain event. `tx` is the writing transaction: readers keep their place by it and miss no late commit."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    tx = models.BigIntegerField(db_default=models.expressions.RawSQL("pg_current_xact_id()::text::bigint", []))
    at = models.DateTimeField()
    kind = models.TextField()
    subject_id = models.UUIDField()
    actor = models.TextField()
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "id"], name="event_by_subject"),
            models.Index(fields=["tx", "id"], name="event_by_tx"),
        ]


class Transition(models.Model):
    """One change of state of a case or payout, written by a trigger, never by the product."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.UUIDField()
    tx = models.BigIntegerField(db_default=models.expressions.RawSQL("pg_current_xact_id()::text::bigint", []))
    at = models.DateTimeField(db_default=Now())
    machine = models.TextField()
    subject_id = models.UUIDField()
    from_state = models.TextField(null=True)
    to_state = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "id"], name="transition_by_subject"),
            models.Index(fields=["tx", "id"], name="transition_by_tx"),
        ]


class Move(models.Model):
    """The published table of moves: what is not written here cannot happen. Filled by migrations."""

    id = models.BigAutoField(primary_key=True)
    machine = models.TextField()
    from_state = models.TextField()
    to_state = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["machine", "from_state", "to_state"], name="one_row_per_move")]


class Cursor(models.Model):
    """How far a subscriber has come: it has heard everything up to event `event_id` of transaction `tx`.

    `tries` counts the runs that did not end well; `suspect_id` is the event that was being heard alone when one ended.
    """

    name = models.TextField(primary_key=True)
    tx = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    suspect_id = models.BigIntegerField(null=True)


class Seal(models.Model):
    """A link of the tamper-evident chain: the digest of all events and transitions of transactions [from_tx, to_tx)."""

    id = models.BigAutoField(primary_key=True)
    from_tx = models.BigIntegerField(unique=True)
    to_tx = models.BigIntegerField()
    row_count = models.BigIntegerField()
    digest = models.BinaryField()
    at = models.DateTimeField()
