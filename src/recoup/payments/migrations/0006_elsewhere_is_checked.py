"""Captures that were there before are held to the constraint too, in a transaction that blocks nobody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_sightings_belong_to_tenants")]

    operations = [
        migrations.RunSQL(
            sql="ALTER TABLE payments_capture VALIDATE CONSTRAINT elsewhere_is_not_negative;",
            reverse_sql=migrations.RunSQL.noop,
        )
    ]
