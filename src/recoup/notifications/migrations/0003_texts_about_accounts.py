"""Texts about accounts wait to be sent."""

from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_rows_belong_to_tenants")]

    operations = [
        migrations.CreateModel(
            name="AccountText",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("facts_sealed", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("problem", models.TextField(blank=True, default="")),
                ("next_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("fence", models.BigIntegerField(default=0)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("parked_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False), ("parked_at__isnull", True)),
                        fields=["next_at"],
                        name="account_text_waiting",
                    )
                ],
            },
        ),
        row_security.shared_table(
            "notifications_accounttext", grants={"web": "INSERT", "worker": "SELECT, INSERT, UPDATE, DELETE"}
        ),
    ]
