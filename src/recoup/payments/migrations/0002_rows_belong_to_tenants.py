"""Each row is seen and written only inside its merchant's transaction, by the roles that need it."""

from django.db import migrations

from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_tables")]

    operations = [
        row_security.tenant_table(
            "payments_railaccount",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE", "vault": "SELECT"},
        ),
        row_security.tenant_table(
            "payments_capture",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE", "insights": "SELECT"},
        ),
        row_security.tenant_table(
            "payments_payout",
            grants={
                "web": "SELECT, INSERT, UPDATE",
                "worker": "SELECT, INSERT, UPDATE",
                "vault": "SELECT, UPDATE (state, epoch, idempotency_key, fence, tries, lease_until, next_at, look_up,"
                " submitted_at, parked_at)",
                "insights": "SELECT",
            },
        ),
        row_security.tenant_table(
            "payments_answer",
            grants={
                "web": "SELECT",
                "worker": "SELECT, UPDATE (applied_at)",
                "vault": "SELECT, INSERT",
                "insights": "SELECT",
            },
        ),
    ]
