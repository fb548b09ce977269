"""Orders that somebody waits for are asked for by a worker."""

from django.db import migrations, models

import recoup.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_claimed_units_are_checked")]

    operations = [
        migrations.CreateModel(
            name="LookUp",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField()),
                ("number", models.TextField()),
                ("wanted_at", models.DateTimeField()),
                (
                    "outcome",
                    models.TextField(
                        choices=[
                            ("waiting", "waiting"),
                            ("found", "found"),
                            ("not_found", "not_found"),
                            ("silent", "silent"),
                        ],
                        default="waiting",
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("fence", models.BigIntegerField(default=0)),
                ("tries", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="lookup_waiting"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant_id", "number"), name="an_order_is_looked_up_in_one_row")
                ],
            },
        ),
    ]
