"""Housekeeping may delete what is long settled, and the database lets nothing else of it go."""

from django.db import migrations

from recoup.access.row_security import EVERY

#: table -> what may be deleted of it
SETTLED = {
    "payments_sighting": "counted_minor = 0 AND next_at IS NULL AND seen_at < now() - interval '180 days'",
    "payments_reading": "provider_charge_id <> '' AND next_at IS NULL",
}


def _allow(table: str, settled: str) -> str:
    return (
        f"GRANT DELETE ON {table} TO recoup_worker;"
        f" CREATE POLICY only_settled_goes ON {table} AS RESTRICTIVE FOR DELETE TO recoup_worker"
        f" USING ({EVERY} AND {settled});"
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_each_dispute_holds_its_own")]

    operations = [
        migrations.RunSQL(
            sql=_allow(table, settled),
            reverse_sql=f"DROP POLICY only_settled_goes ON {table}; REVOKE DELETE ON {table} FROM recoup_worker;",
        )
        for table, settled in SETTLED.items()
    ]
