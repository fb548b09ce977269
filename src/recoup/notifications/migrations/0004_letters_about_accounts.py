"""Letters about accounts wait to be sent, and people may answer a notice with "This was not me"."""

from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_texts_about_accounts")]

    operations = [
        migrations.CreateModel(
            name="AccountLetter",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("to_address", models.TextField()),
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
                        name="account_letter_waiting",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountNotice",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("person_id", models.UUIDField(db_index=True)),
                ("kind", models.TextField()),
                ("facts", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        row_security.shared_table(
            "notifications_accountletter", grants={"web": "INSERT", "worker": "SELECT, INSERT, UPDATE, DELETE"}
        ),
        row_security.shared_table(
            "notifications_accountnotice",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, DELETE"},
        ),
    ]
