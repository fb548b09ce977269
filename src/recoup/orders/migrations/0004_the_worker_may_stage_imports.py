"""The worker's role may make temporary tables: rows that are copied in stand there before they become orders."""

from django.db import migrations

GRANT = """
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO recoup_worker', current_database()); END $$;
"""
REVOKE = """
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM recoup_worker', current_database()); END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_claimed_units_exist")]

    operations = [migrations.RunSQL(sql=GRANT, reverse_sql=REVOKE)]
