"""How each company keeps the promise: read by everybody, written by the worker."""

from django.db import migrations, models

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [
        ("insights", "0002_rows_belong_to_tenants"),
    ]

    operations = [
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("measured_at", models.DateTimeField()),
                ("granted", models.PositiveIntegerField()),
                ("in_time", models.PositiveIntegerField()),
                ("p50_s", models.FloatField(null=True)),
                ("methods", models.JSONField(default=dict)),
            ],
        ),
        row_security.shared_table(
            "insights_promise", grants={"web": "SELECT", "worker": "SELECT, INSERT, UPDATE", "insights": "SELECT"}
        ),
    ]
