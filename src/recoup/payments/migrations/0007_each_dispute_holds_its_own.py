"""A charge can be disputed more than once: each dispute holds back its own part, and none frees another's."""

import django.db.models.deletion
from django.db import migrations, models

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0006_elsewhere_is_checked"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField()),
                ("rail_account_id", models.UUIDField()),
                ("provider_dispute_id", models.TextField()),
                ("held_minor", models.BigIntegerField()),
                ("told_at_s", models.BigIntegerField()),
                ("is_closed", models.BooleanField()),
                (
                    "capture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="payments.capture"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rail_account_id", "provider_dispute_id"), name="a_dispute_has_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("held_minor__gte", 0)), name="a_dispute_holds_nothing_or_something"
                    ),
                ],
            },
        ),
        row_security.tenant_table(
            "payments_dispute",
            grants={"web": "SELECT", "worker": "SELECT, INSERT, UPDATE", "insights": "SELECT"},
        ),
    ]
