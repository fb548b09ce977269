"""How many of an item were sold is asked beside how many came back. The index is built while orders come in."""

from django.db import migrations, models

BUILD = "CREATE INDEX CONCURRENTLY IF NOT EXISTS line_by_item ON orders_orderline (merchant_id, sku);"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0008_lines_are_found_by_their_order")]

    operations = [
        migrations.RunSQL(
            sql=["DROP INDEX CONCURRENTLY IF EXISTS line_by_item;", BUILD],
            reverse_sql="DROP INDEX line_by_item;",
            state_operations=[
                migrations.AddIndex(
                    model_name="orderline", index=models.Index(fields=["merchant_id", "sku"], name="line_by_item")
                )
            ],
        ),
    ]
