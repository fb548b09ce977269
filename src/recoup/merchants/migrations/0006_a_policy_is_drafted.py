"""A company works on one draft of its policy; versions that have decided are never changed."""

from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("merchants", "0005_a_page_of_ones_own")]

    operations = [
        migrations.CreateModel(
            name="PolicyDraft",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField(unique=True)),
                ("document", models.JSONField()),
                ("based_on", models.PositiveIntegerField()),
                ("revision", models.PositiveIntegerField()),
                ("past_run", models.JSONField(default=dict)),
                ("changed_by", models.TextField()),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        row_security.tenant_table(
            "merchants_policydraft",
            grants={"web": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT"},
        ),
    ]
