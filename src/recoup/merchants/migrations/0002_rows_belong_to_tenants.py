"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("merchants", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "merchants_connector",
            grants={"web": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT, INSERT, UPDATE, DELETE"},
        ),
        row_security.tenant_table(
            "merchants_policyversion",
            grants={"web": "SELECT, INSERT, UPDATE (enabled_at)", "worker": "SELECT, INSERT, UPDATE (enabled_at)"},
        ),
        row_security.shared_table(
            "merchants_merchant",
            grants={
                "web": "SELECT, INSERT, UPDATE",
                "worker": "SELECT, INSERT, UPDATE",
                "vault": "SELECT",
                "insights": "SELECT",
            },
        ),
    ]
