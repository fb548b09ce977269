"""Two indexes less to write for every line: one repeats `one_line_per_position`, nobody looks through the other."""

import django.db.models.deletion
from django.db import migrations, models

FORGET = """
-- The lock is held for the moment that a directory entry takes, and is waited for with the usual limit.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX IF EXISTS orders_orderline_order_id_17f8f3ef;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX IF EXISTS line_by_sku;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_look_ups_belong_to_tenants")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(sql=FORGET, reverse_sql=migrations.RunSQL.noop)],
            state_operations=[
                migrations.RemoveIndex(model_name="orderline", name="line_by_sku"),
                migrations.AlterField(
                    model_name="orderline",
                    name="order",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.order",
                    ),
                ),
            ],
        )
    ]
