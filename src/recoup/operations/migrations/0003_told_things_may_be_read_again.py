"""Operators let what a payment provider told us be read again, at the web program's pages."""

from django.db import migrations

COLUMNS = "parked_at, tries, lease_until, fence, next_at"


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_what_was_put_aside_is_found"), ("webhooks", "0002_rows_belong_to_tenants")]

    operations = [
        migrations.RunSQL(
            sql=f"GRANT UPDATE ({COLUMNS}) ON webhooks_receipt TO recoup_web;",
            reverse_sql=f"REVOKE UPDATE ({COLUMNS}) ON webhooks_receipt FROM recoup_web;",
        ),
    ]
