"""Companies, their connectors and their policies."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from recoup.kernel.ids import uuid7


class Mode(models.TextChoices):
    """A company in practice mode moves no real money, and may have requests judged at a date of its choice."""

    PRACTICE = "practice", "Practice"
    LIVE = "live", "Live"


class TenderStrategy(models.TextChoices):
    """From which means of payment a refund of a split payment comes first."""

    RATIO = "ratio", "In proportion"
    FIRST = "first", "First payment first"
    LAST = "last", "Last payment first"


class Merchant(models.Model):
    """A participating company. Shoppers see every column; secrets live in Connector."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    slug = models.SlugField(unique=True, max_length=60)
    name = models.TextField()
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    mode = models.TextField(choices=Mode.choices, default=Mode.PRACTICE)
    is_verified = models.BooleanField(default=False)
    tender_strategy = models.TextField(choices=TenderStrategy.choices, default=TenderStrategy.RATIO)
    support_email = models.EmailField(blank=True, max_length=254)
    created_at = models.DateTimeField()


class Look(models.Model):
    """How a company's own page looks: everybody sees it. `id` is the company's; `logo` is a PNG of ours, or nothing."""

    id = models.UUIDField(primary_key=True)
    colour = models.CharField(max_length=7, blank=True, default="")
    welcome = models.TextField(blank=True, default="")
    logo = models.BinaryField(default=b"")
    logo_mark = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField()


class Connector(models.Model):
    """How we ask the merchant's own system for an order. The key is sealed with the field key.

    `url` is the address of one order, with `{number}` in it, or of the system; `mapping` translates its answers into
    our order documents (docs/importing-orders.md); an empty one means that it answers in our own form.
    """

    merchant_id = models.UUIDField(primary_key=True)
    url = models.URLField()
    key_sealed = models.BinaryField()
    mapping = models.JSONField(default=dict)
    fresh_for_s = models.PositiveIntegerField(default=900)
    timeout_s = models.PositiveSmallIntegerField(default=5)
    give_up_after_s = models.PositiveIntegerField(default=60)


class PolicyVersion(models.Model):
    """One version of a merchant's decision tables. Never changed; the enabled one with the highest number decides."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    number = models.PositiveIntegerField()
    document = models.JSONField()
    content_hash = models.TextField()
    note = models.TextField(blank=True)
    created_by = models.TextField()
    created_at = models.DateTimeField()
    enabled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant_id", "number"], name="policy_versions_are_numbered")]


class PolicyDraft(models.Model):
    """The tables that a company's managers work on, one for each company. `revision` grows with each change, `based_on`
    is the number of the version it began from (0: a template), and `past_run` what past cases would have been told.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField(unique=True)
    document = models.JSONField()
    based_on = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()
    past_run = models.JSONField(default=dict)
    changed_by = models.TextField()
    changed_at = models.DateTimeField()


class ApprovalLimits(models.Model):
    """How much may be approved by whom, in minor units of the company's currency; null stands for no limit.

    Never changed: the row with the highest number counts, and those before it say who had set what, and when.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    number = models.PositiveIntegerField()
    reviewer_limit_minor = models.BigIntegerField(null=True)
    manager_limit_minor = models.BigIntegerField(null=True)
    #: For the company's servers; a key may have a limit of its own.
    key_limit_minor = models.BigIntegerField(null=True)
    #: Two people have to say yes: from this amount on (null: to no amount), ...
    four_eyes_from_minor = models.BigIntegerField(null=True)
    #: ... from this risk score on (null: to none), and to requests with one of these reasons.
    four_eyes_from_risk = models.IntegerField(null=True)
    four_eyes_reasons = ArrayField(models.TextField(), default=list)
    note = models.TextField(blank=True, default="")
    created_by = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "number"], name="approval_limits_are_numbered"),
            models.CheckConstraint(
                condition=(models.Q(reviewer_limit_minor__isnull=True) | models.Q(reviewer_limit_minor__gte=0))
                & (models.Q(manager_limit_minor__isnull=True) | models.Q(manager_limit_minor__gte=0))
                & (models.Q(key_limit_minor__isnull=True) | models.Q(key_limit_minor__gte=0))
                & (models.Q(four_eyes_from_minor__isnull=True) | models.Q(four_eyes_from_minor__gte=0))
                & (models.Q(four_eyes_from_risk__isnull=True) | models.Q(four_eyes_from_risk__gte=0)),
                name="no_limit_is_below_nothing",
            ),
        ]
