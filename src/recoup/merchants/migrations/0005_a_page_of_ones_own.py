"""How a company's own page looks: everybody reads it, the company itself writes it."""

from django.db import migrations, models

from recoup.access import row_security

OWN = "id = nullif(current_setting('recoup.merchant_id', true), '')::uuid"

SQL = f"""
ALTER TABLE merchants_look ENABLE ROW LEVEL SECURITY;
ALTER TABLE merchants_look FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON merchants_look FOR SELECT TO recoup_web, recoup_worker USING (true);
CREATE POLICY itself_begins ON merchants_look FOR INSERT TO recoup_web, recoup_worker WITH CHECK ({OWN});
CREATE POLICY itself_changes ON merchants_look FOR UPDATE TO recoup_web, recoup_worker USING ({OWN}) WITH CHECK ({OWN});
"""
UNDO = """
DROP POLICY itself_changes ON merchants_look;
DROP POLICY itself_begins ON merchants_look;
DROP POLICY everybody_reads ON merchants_look;
ALTER TABLE merchants_look NO FORCE ROW LEVEL SECURITY;
ALTER TABLE merchants_look DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("merchants", "0004_how_much_may_be_approved")]

    operations = [
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("colour", models.CharField(blank=True, default="", max_length=7)),
                ("welcome", models.TextField(blank=True, default="")),
                ("logo", models.BinaryField(default=b"")),
                ("logo_mark", models.TextField(blank=True, default="")),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        row_security.shared_table(
            "merchants_look", grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE"}
        ),
        migrations.RunSQL(sql=SQL, reverse_sql=UNDO),
    ]
