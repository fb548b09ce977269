"""Who has said yes to what: kept for good, counted once. A yes is never changed into one to something else."""

import django.db.models.deletion
from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security

COUNTED = "at, note, membership_id, mailbox, decided_at, stake_minor, limit_minor, people_needed"


class Migration(migrations.Migration):
    dependencies = [
        ("refunds", "0003_a_case_moves_as_published"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField()),
                ("actor", models.TextField()),
                ("person_id", models.UUIDField(null=True)),
                ("membership_id", models.UUIDField(null=True)),
                ("mailbox", models.BinaryField()),
                ("order_id", models.UUIDField()),
                ("shopper", models.BinaryField()),
                ("proposal", models.JSONField()),
                ("proposal_hash", models.TextField()),
                ("wish_hash", models.TextField()),
                ("note", models.TextField(blank=True, default="")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("stake_minor", models.BigIntegerField(null=True)),
                ("limit_minor", models.BigIntegerField(null=True)),
                ("people_needed", models.PositiveSmallIntegerField(default=1)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="refunds.case",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant_id", "order_id", "decided_at"], name="approval_by_order"),
                    models.Index(fields=["merchant_id", "shopper", "decided_at"], name="approval_by_shopper"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "proposal_hash", "actor"), name="nobody_says_yes_twice"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="a_yes_pays_something"),
                ],
            },
        ),
        row_security.tenant_table(
            "refunds_approval",
            grants={"web": f"SELECT, INSERT, UPDATE ({COUNTED})", "worker": "SELECT", "insights": "SELECT"},
        ),
    ]
