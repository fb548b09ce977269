"""Messages: what we said, to whom, and that we said it once."""

from __future__ import annotations

from django.db import models

from recoup.kernel.ids import uuid7


class Message(models.Model):
    """One message to one person about one state of a case. `mark` tells repeats apart (an appeal's second no)."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    template = models.TextField()
    mark = models.TextField()
    to_address = models.TextField()
    locale = models.TextField(default="en")
    context = models.JSONField(default=dict)
    subject = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    message_ref = models.TextField(blank=True, default="")
    problem = models.TextField(blank=True, default="")
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_id", "template", "mark"], name="a_thing_is_said_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="message_waiting",
                condition=models.Q(next_at__isnull=False, parked_at__isnull=True),
            )
        ]


class AccountLetter(models.Model):
    """A letter about an account, for the worker to send. What it says is sealed with the field key, because it may be a
    code or a link that opens something; it is wiped as soon as the letter is sent, given up, or too old to be of use.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    kind = models.TextField()
    to_address = models.TextField()
    facts_sealed = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                name="account_letter_waiting",
                condition=models.Q(next_at__isnull=False, parked_at__isnull=True),
            )
        ]


class AccountNotice(models.Model):
    """A person was told that something about their account changed, and may say once: "This was not me"."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    person_id = models.UUIDField(db_index=True)
    kind = models.TextField()
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class AccountText(models.Model):
    """A text (SMS) about an account, for the worker to send. The number and the words are sealed with the field key and
    wiped as soon as the text is sent, given up, or too old to be of use.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    kind = models.TextField()
    facts_sealed = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                name="account_text_waiting",
                condition=models.Q(next_at__isnull=False, parked_at__isnull=True),
            )
        ]
