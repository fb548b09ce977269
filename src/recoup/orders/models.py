"""Orders as they were placed, frozen in integer minor units (DOMAIN 4). Every amount of a line is of all its units."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from recoup.access.columns import UnitSpansField
from recoup.kernel.ids import uuid7
from recoup.orders.states import LookUpOutcome


class Order(models.Model):
    """A copy of one order. `as_of` says when the merchant's system said so; `source` who told us; `source_tag` is what
    that system calls this version (its ETag).

    Delivery is refunded out of `shipping_minor` under the guard `shipping_claimed_minor`. `facts_hash` is of what is
    frozen (money, quantities, kinds, when it was bought), `content_hash` of everything. A later copy whose facts differ
    changes none of them: what it said stands in `differences`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    number = models.TextField()
    email = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    shopper_name = models.TextField(blank=True, default="")
    customer_ref = models.TextField(blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    currency = models.CharField(max_length=3)
    status = models.TextField()
    channel = models.TextField(default="distance")
    placed_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    paid_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField(default=0)
    shipping_tax_minor = models.BigIntegerField(default=0)
    shipping_claimed_minor = models.BigIntegerField(db_default=0, default=0)
    tax_percent_thousandths = models.IntegerField(null=True)
    as_of = models.DateTimeField()
    source = models.TextField()
    source_tag = models.TextField(blank=True, default="")
    facts_hash = models.TextField(default="")
    content_hash = models.TextField(default="")
    differences = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    attributes = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "number"], name="order_numbers_are_unique_per_merchant"),
            models.CheckConstraint(
                condition=Q(
                    shipping_claimed_minor__gte=0,
                    shipping_claimed_minor__lte=F("shipping_minor") + F("shipping_tax_minor"),
                ),
                name="delivery_is_refunded_at_most_once",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant_id", "email"], name="order_by_email"),
            models.Index(fields=["merchant_id", "customer_ref"], name="order_by_customer"),
        ]


class OrderLine(models.Model):
    """One line of an order. Unit i's share of each amount is fixed by `kernel.allocation.first_units`; both discounts
    count as one amount there, or a unit of a tiny price could come out below nothing.

    `claimed_units` is the guard: the units that are refunded or promised. Discounts are zero or negative;
    `tax_minor` is exclusive tax, `tax_included_minor` the tax inside the price, told for credit notes only.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    #: Found by the constraint `one_line_per_position`: an index of its own would only be written, never read.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    sku = models.TextField()
    title = models.TextField()
    category = models.TextField(blank=True, default="")
    kind = models.TextField(default="goods")
    flags = ArrayField(models.TextField(), default=list)
    quantity = models.PositiveIntegerField()
    list_minor = models.BigIntegerField()
    item_discount_minor = models.BigIntegerField(default=0)
    order_discount_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    tax_included_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    claimed_units = UnitSpansField(default=list, db_default=models.Value("{}"))
    image_url = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="one_line_per_position"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_line_has_units"),
            models.CheckConstraint(
                condition=Q(item_discount_minor__lte=0, order_discount_minor__lte=0), name="discounts_take_away"
            ),
        ]
        indexes = [models.Index(fields=["merchant_id", "sku"], name="line_by_item")]


class ImportRun(models.Model):
    """One run of an import: what came in, what was refused and why.

    `file_key` names a file that waits for the worker, until the run is finished; `fence` counts who began it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    file_name = models.TextField()
    file_hash = models.TextField()
    mapping = models.JSONField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows_read = models.BigIntegerField(default=0)
    orders_new = models.BigIntegerField(default=0)
    orders_changed = models.BigIntegerField(default=0)
    orders_same = models.BigIntegerField(default=0)
    rows_refused = models.BigIntegerField(default=0)
    report = models.JSONField(default=dict)
    file_key = models.TextField(blank=True, default="", db_default="")
    asked_by = models.TextField(blank=True, default="", db_default="")
    bytes_in_all = models.BigIntegerField(default=0, db_default=0)
    bytes_read = models.BigIntegerField(default=0, db_default=0)
    fence = models.BigIntegerField(default=0, db_default=0)
    lease_until = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="", db_default="")


class LookUp(models.Model):
    """An order that somebody waits for and that we have no copy of: the merchant's system is to be asked for it.

    `next_at` is when it is asked (again); empty once `outcome` says what came of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    number = models.TextField()
    wanted_at = models.DateTimeField()
    outcome = models.TextField(
        choices=[(outcome.value, outcome.value) for outcome in LookUpOutcome], default=LookUpOutcome.WAITING
    )
    answered_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "number"], name="an_order_is_looked_up_in_one_row")
        ]
        indexes = [models.Index(fields=["next_at"], name="lookup_waiting", condition=Q(next_at__isnull=False))]
