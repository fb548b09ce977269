"""Each look-up is seen only inside its merchant's transaction; the worker sees them all, and clears them away."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_orders_are_looked_up")]

    operations = [
        row_security.tenant_table(
            "orders_lookup",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, UPDATE, DELETE"},
        ),
    ]
