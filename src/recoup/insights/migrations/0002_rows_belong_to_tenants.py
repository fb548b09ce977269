"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("insights", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "insights_itemclaim",
            grants={"web": "SELECT", "worker": "SELECT, INSERT, UPDATE", "insights": "SELECT"},
        ),
    ]
