"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("access", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "access_apikey",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE"},
            finder=True,
        ),
        row_security.tenant_table(
            "access_storedanswer",
            grants={"web": "SELECT, INSERT", "worker": "SELECT, DELETE"},
        ),
    ]
