"""Somebody is invited to work for a company, by a letter with a link. Whose invitation a link is cannot be known before
it was looked up: one hash at a time.
"""

from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security

ROLES = [
    ("auditor", "Auditor"),
    ("booth", "Booth"),
    ("support", "Support"),
    ("reviewer", "Reviewer"),
    ("manager", "Manager"),
]
FIND = """
CREATE FUNCTION identity_find_invitation(wanted bytea) RETURNS TABLE (invitation_id uuid, merchant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.id, i.merchant_id FROM public.identity_invitation i WHERE i.token_hash = wanted
$$;
REVOKE ALL ON FUNCTION identity_find_invitation(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity_find_invitation(bytea) TO recoup_web;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0013_everybody_can_be_reached")]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField()),
                ("email", models.EmailField(max_length=254)),
                ("role", models.TextField(choices=ROLES)),
                ("token_hash", models.BinaryField(unique=True)),
                ("invited_by", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at__isnull", True), ("ended_at__isnull", True)),
                        fields=("merchant_id", "email"),
                        name="one_open_invitation_per_address",
                    )
                ],
            },
        ),
        row_security.tenant_table(
            "identity_invitation",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, UPDATE"},
            finder=True,
        ),
        migrations.RunSQL(sql=FIND, reverse_sql="DROP FUNCTION identity_find_invitation(bytea);"),
    ]
