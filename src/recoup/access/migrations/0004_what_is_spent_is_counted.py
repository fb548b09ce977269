"""What has been spent of each limit, the limits that were set for one company, and the sites that may call the API."""

from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security

#: A row is written again and again and never grows: half of each page stays free, so that it stays on its page.
ROOM = "ALTER TABLE access_spent SET (fillfactor = 50);"

#: A browser asks before it sends a key, so nobody knows the company yet. Gives one bit for one origin.
KNOWN = """
CREATE FUNCTION access_origin_is_known(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.access_allowedorigin o WHERE o.origin = wanted)
$$;
REVOKE ALL ON FUNCTION access_origin_is_known(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_origin_is_known(text) TO recoup_web;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0003_a_key_is_found_by_its_hash")]

    operations = [
        migrations.CreateModel(
            name="Spent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "bucket", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("bucket", models.TextField()),
                ("subject", models.BinaryField()),
                ("spent", models.FloatField()),
                ("taken", models.FloatField()),
                ("window_no", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField()),
                ("key_id", models.UUIDField(null=True)),
                ("bucket", models.TextField()),
                ("quota", models.BigIntegerField()),
                ("window_s", models.BigIntegerField()),
                ("set_by", models.TextField()),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant_id", "key_id", "bucket"), name="one_limit_of_a_kind", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quota__gt", 0), ("window_s__gt", 0)), name="a_limit_lets_something_pass"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AllowedOrigin",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField()),
                ("origin", models.TextField()),
                ("added_by", models.TextField()),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant_id", "origin"), name="an_origin_is_allowed_once")
                ],
            },
        ),
        migrations.RunSQL(sql=ROOM, reverse_sql=migrations.RunSQL.noop),
        row_security.shared_table(
            "access_spent", grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE, DELETE"}
        ),
        row_security.tenant_table("access_limit", grants={"web": "SELECT", "worker": "SELECT, INSERT, UPDATE, DELETE"}),
        row_security.tenant_table(
            "access_allowedorigin", grants={"web": "SELECT", "worker": "SELECT, INSERT, DELETE"}, finder=True
        ),
        migrations.RunSQL(sql=KNOWN, reverse_sql="DROP FUNCTION access_origin_is_known(text);"),
    ]
