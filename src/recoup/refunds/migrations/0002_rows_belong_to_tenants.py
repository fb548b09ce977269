"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("refunds", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "refunds_case",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE", "insights": "SELECT"},
            finder=True,
        ),
        row_security.tenant_table(
            "refunds_caseline",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE", "insights": "SELECT"},
        ),
        row_security.tenant_table(
            "refunds_decision",
            grants={"web": "SELECT, INSERT", "worker": "SELECT, INSERT", "insights": "SELECT"},
        ),
        row_security.tenant_table(
            "refunds_photo",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE"},
        ),
    ]
