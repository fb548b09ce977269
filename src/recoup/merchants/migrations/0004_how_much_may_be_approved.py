"""A company says how much may be approved by whom, and when two people have to say yes. Never changed afterwards."""

import django.contrib.postgres.fields
from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0003_a_company_is_changed_by_itself_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovalLimits",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("reviewer_limit_minor", models.BigIntegerField(null=True)),
                ("manager_limit_minor", models.BigIntegerField(null=True)),
                ("key_limit_minor", models.BigIntegerField(null=True)),
                ("four_eyes_from_minor", models.BigIntegerField(null=True)),
                ("four_eyes_from_risk", models.IntegerField(null=True)),
                (
                    "four_eyes_reasons",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("note", models.TextField(blank=True, default="")),
                ("created_by", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant_id", "number"), name="approval_limits_are_numbered"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("reviewer_limit_minor__isnull", True),
                                ("reviewer_limit_minor__gte", 0),
                                _connector="OR",
                            ),
                            models.Q(
                                ("manager_limit_minor__isnull", True), ("manager_limit_minor__gte", 0), _connector="OR"
                            ),
                            models.Q(("key_limit_minor__isnull", True), ("key_limit_minor__gte", 0), _connector="OR"),
                            models.Q(
                                ("four_eyes_from_minor__isnull", True),
                                ("four_eyes_from_minor__gte", 0),
                                _connector="OR",
                            ),
                            models.Q(
                                ("four_eyes_from_risk__isnull", True), ("four_eyes_from_risk__gte", 0), _connector="OR"
                            ),
                        ),
                        name="no_limit_is_below_nothing",
                    ),
                ],
            },
        ),
        row_security.tenant_table(
            "merchants_approvallimits", grants={"web": "SELECT, INSERT", "worker": "SELECT", "insights": "SELECT"}
        ),
    ]
