"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "webhooks_receipt",
            grants={"web": "SELECT, INSERT", "worker": "SELECT, UPDATE, DELETE"},
        ),
    ]
