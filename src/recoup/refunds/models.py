"""Cases, their lines, decisions and photos."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from recoup.access.columns import UnitSpansField
from recoup.kernel.ids import uuid7
from recoup.refunds.states import CaseState, GoodsState


class Case(models.Model):
    """One request for a refund. The four clocks of DOMAIN 1 are columns, so the promise is one query.

    `wake_at` is when the sweeper looks at the case next: an order to ask for, a deadline, an expiry. `fence`,
    `lease_until` and `tries` belong to that sweep. `items` is what was asked for while the order is not known yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    number = models.TextField()
    order_id = models.UUIDField(null=True)
    order_number = models.TextField()
    email = models.TextField(blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    channel = models.TextField()
    locale = models.TextField(default="en")
    state = models.TextField(choices=[(state.value, state.value) for state in CaseState])
    goods_state = models.TextField(
        choices=[(state.value, state.value) for state in GoodsState], default=GoodsState.NOT_REQUIRED
    )
    reason = models.TextField()
    words = models.TextField(blank=True, default="")
    items = models.JSONField(default=list)
    currency = models.CharField(max_length=3, blank=True, default="")
    amount_requested_minor = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    shipping_granted_minor = models.BigIntegerField(default=0)
    reason_code = models.TextField(blank=True, default="")
    rule = models.TextField(blank=True, default="")
    explanation = models.TextField(blank=True, default="")
    asks = ArrayField(models.TextField(), default=list)
    appeals = models.PositiveSmallIntegerField(default=0)
    requested_at = models.DateTimeField()
    judged_as_of = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    initiated_at = models.DateTimeField(null=True)
    credited_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True)
    waits_for = models.TextField(blank=True, default="")
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="a_case_number_names_one_case")]
        indexes = [
            models.Index(fields=["merchant_id", "requested_at"], name="case_by_time"),
            models.Index(fields=["merchant_id", "state", "requested_at"], name="case_by_state"),
            models.Index(fields=["order_id"], name="case_by_order"),
            models.Index(fields=["merchant_id", "email", "requested_at"], name="case_by_email"),
            models.Index(fields=["email", "id"], name="case_by_shopper", condition=models.Q(email__gt="")),
            models.Index(
                fields=["wake_at"],
                name="case_to_wake",
                condition=models.Q(wake_at__isnull=False, parked_at__isnull=True),
            ),
        ]

    def keep(self, *columns: str) -> None:
        """Write the row, which the caller has locked: all of it, or these columns only."""
        self.save(update_fields=list(columns) or None)


class CaseLine(models.Model):
    """What of one order line is asked for and granted. `units` are the claimed ones while money is promised."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="lines", db_index=False)
    order_line_id = models.UUIDField()
    quantity = models.PositiveIntegerField()
    units = UnitSpansField(default=list, db_default=models.Value("{}"))
    amount_requested_minor = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "order_line_id"], name="a_case_names_a_line_once")]


class Decision(models.Model):
    """One verdict with everything it was reached from: it can be replayed for ever. Insert-only."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    at = models.DateTimeField()
    by = models.TextField()
    policy_version_id = models.UUIDField(null=True)
    facts = models.JSONField()
    verdict = models.JSONField()
    note = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="decision_by_case")]


class Approval(models.Model):
    """One person, or a company's key, has said yes to exactly this `proposal`. `decided_at`: when the case was decided
    by it, alone or with the yes of others to the same; until then it waits, and counts only as long as what it was said
    to is still so. `shopper` and `mailbox` are digests: of the shopper's mailbox, and of the approver's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approvals", db_index=False)
    actor = models.TextField()
    person_id = models.UUIDField(null=True)
    membership_id = models.UUIDField(null=True)
    mailbox = models.BinaryField()
    order_id = models.UUIDField()
    shopper = models.BinaryField()
    proposal = models.JSONField()
    proposal_hash = models.TextField()
    wish_hash = models.TextField()
    note = models.TextField(blank=True, default="")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    #: As it stood when the case was decided: what was added up, how much this one could approve alone, and how many
    #: people it took.
    stake_minor = models.BigIntegerField(null=True)
    limit_minor = models.BigIntegerField(null=True)
    people_needed = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "proposal_hash", "actor"], name="nobody_says_yes_twice"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="a_yes_pays_something"),
        ]
        indexes = [
            models.Index(fields=["merchant_id", "order_id", "decided_at"], name="approval_by_order"),
            models.Index(fields=["merchant_id", "shopper", "decided_at"], name="approval_by_shopper"),
        ]


class Photo(models.Model):
    """A photo the shopper showed. `fingerprint` holds the perceptual hashes of the picture as it is and turned."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="photos")
    sha256 = models.BinaryField()
    file_key = models.TextField()
    content_type = models.TextField()
    size_bytes = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    fingerprint = ArrayField(models.BigIntegerField(), default=list)
    seen_before = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["merchant_id", "added_at"], name="photo_by_time")]
