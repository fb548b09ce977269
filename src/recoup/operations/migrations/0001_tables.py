"""What operators look at: signs of life, lengths of queues, and what they did themselves."""

from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security


class Migration(migrations.Migration):
    initial = True

    dependencies = [("access", "0004_what_is_spent_is_counted")]

    operations = [
        migrations.CreateModel(
            name="Sign",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("program", models.TextField()),
                ("part", models.TextField()),
                ("place", models.TextField()),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Gauge",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("queue", models.TextField()),
                ("company_id", models.UUIDField(null=True)),
                ("due", models.PositiveIntegerField()),
                ("due_since", models.DateTimeField(null=True)),
                ("parked", models.PositiveIntegerField()),
                ("parked_since", models.DateTimeField(null=True)),
                ("measured_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Deed",
            fields=[
                (
                    "id",
                    models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("kind", models.TextField()),
                ("company_id", models.UUIDField()),
                ("subject_id", models.TextField()),
                ("why", models.TextField(blank=True, default="")),
            ],
        ),
        row_security.shared_table(
            "operations_sign",
            grants={
                "web": "SELECT, INSERT, UPDATE",
                "worker": "SELECT, INSERT, UPDATE, DELETE",
                "vault": "SELECT, INSERT, UPDATE",
            },
        ),
        row_security.shared_table(
            "operations_gauge", grants={"web": "SELECT", "worker": "SELECT, INSERT, UPDATE, DELETE"}
        ),
        row_security.shared_table("operations_deed", grants={"web": "SELECT, INSERT", "worker": "SELECT"}),
    ]
