"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "identity_membership",
            grants={"web": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT, INSERT, UPDATE, DELETE"},
            finder=True,
        ),
        row_security.tenant_table(
            "identity_onetimecode",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, DELETE"},
        ),
        row_security.tenant_table(
            "identity_guestpass",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, UPDATE, DELETE"},
            finder=True,
        ),
        row_security.shared_table(
            "identity_person",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE"},
        ),
    ]
