"""Everybody may read which companies take part; a company's row is written only inside its own transaction."""

from django.db import migrations

OWN = "id = nullif(current_setting('recoup.merchant_id', true), '')::uuid"
EVERY = "current_setting('recoup.every_merchant', true) = 'on'"

SQL = f"""
ALTER TABLE merchants_merchant ENABLE ROW LEVEL SECURITY;
ALTER TABLE merchants_merchant FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON merchants_merchant FOR SELECT
    TO recoup_web, recoup_worker, recoup_vault, recoup_insights USING (true);
CREATE POLICY itself_joins ON merchants_merchant FOR INSERT TO recoup_web, recoup_worker WITH CHECK ({OWN});
CREATE POLICY itself_changes ON merchants_merchant FOR UPDATE TO recoup_web, recoup_worker
    USING ({OWN}) WITH CHECK ({OWN});
CREATE POLICY every_merchant ON merchants_merchant FOR UPDATE TO recoup_worker USING ({EVERY}) WITH CHECK ({EVERY});
"""
UNDO = """
DROP POLICY every_merchant ON merchants_merchant;
DROP POLICY itself_changes ON merchants_merchant;
DROP POLICY itself_joins ON merchants_merchant;
DROP POLICY everybody_reads ON merchants_merchant;
ALTER TABLE merchants_merchant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE merchants_merchant DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("merchants", "0002_rows_belong_to_tenants")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=UNDO)]
