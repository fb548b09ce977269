"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "callbacks_endpoint",
            grants={"web": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT, INSERT, UPDATE"},
        ),
        row_security.tenant_table(
            "callbacks_delivery",
            grants={"web": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT, INSERT, UPDATE, DELETE"},
        ),
    ]
