"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("events", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "events_event",
            grants={"web": "SELECT, INSERT", "worker": "SELECT, INSERT", "insights": "SELECT"},
        ),
        row_security.tenant_table(
            "events_transition",
            grants={
                "web": "SELECT, INSERT",
                "worker": "SELECT, INSERT",
                "vault": "SELECT, INSERT",
                "insights": "SELECT",
            },
        ),
        row_security.shared_table(
            "events_move",
            grants={"web": "SELECT", "worker": "SELECT", "vault": "SELECT", "insights": "SELECT"},
        ),
        row_security.shared_table(
            "events_cursor",
            grants={"worker": "SELECT, INSERT, UPDATE"},
        ),
        row_security.shared_table(
            "events_seal",
            grants={"worker": "SELECT, INSERT", "web": "SELECT"},
        ),
    ]
