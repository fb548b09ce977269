"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "orders_order",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE", "insights": "SELECT"},
        ),
        row_security.tenant_table(
            "orders_orderline",
            grants={
                "web": "SELECT, INSERT, UPDATE, DELETE",
                "worker": "SELECT, INSERT, UPDATE, DELETE",
                "insights": "SELECT",
            },
        ),
        row_security.tenant_table(
            "orders_importrun",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE"},
        ),
    ]
