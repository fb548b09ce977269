"""Rows that were there before the constraint are held to it too, in a transaction that blocks nobody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_the_worker_may_stage_imports")]

    operations = [
        migrations.RunSQL(
            sql="ALTER TABLE orders_orderline VALIDATE CONSTRAINT claimed_units_exist;",
            reverse_sql=migrations.RunSQL.noop,
        )
    ]
