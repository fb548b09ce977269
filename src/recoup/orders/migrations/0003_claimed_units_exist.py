"""Only units that a line has can be claimed."""

from django.db import migrations

CHECK = """
ALTER TABLE orders_orderline ADD CONSTRAINT claimed_units_exist CHECK (
    isempty(claimed_units) OR (lower(claimed_units) >= 0 AND upper(claimed_units) <= quantity)
) NOT VALID;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_rows_belong_to_tenants")]

    operations = [
        migrations.RunSQL(sql=CHECK, reverse_sql="ALTER TABLE orders_orderline DROP CONSTRAINT claimed_units_exist;")
    ]
