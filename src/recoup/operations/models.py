"""Signs of life, lengths of queues, and what operators did. Shared by all companies; no row says anything of people."""

from __future__ import annotations

from django.db import models

from recoup.kernel.ids import uuid7


class Sign(models.Model):
    """One part of one program in one place was alive at `seen_at`. `id` is `<program>/<part>@<host>:<process>`."""

    id = models.TextField(primary_key=True)
    program = models.TextField()
    part = models.TextField()
    place = models.TextField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()


class Gauge(models.Model):
    """How long a queue was when it was last measured, for one company or (`company_id` null) for what has none.

    `due`: rows that could be done now, since `due_since`. `parked`: rows that were given up until somebody looks.
    """

    id = models.TextField(primary_key=True)
    queue = models.TextField()
    company_id = models.UUIDField(null=True)
    due = models.PositiveIntegerField()
    due_since = models.DateTimeField(null=True)
    parked = models.PositiveIntegerField()
    parked_since = models.DateTimeField(null=True)
    measured_at = models.DateTimeField()


class Deed(models.Model):
    """What an operator did, written in the transaction that did it. Insert-only.

    The company's own history has an event of the same kind; here all companies stand in one list.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField()
    actor = models.TextField()
    kind = models.TextField()
    company_id = models.UUIDField()
    subject_id = models.TextField()
    why = models.TextField(blank=True, default="")
