"""Who reads and writes sightings and readings; a payout that was said to have failed can turn out to be paid."""

from django.db import migrations

from recoup.access import row_security

#: 0003 publishes the table as it stands in the code, so a new database has these rows already.
MOVES = [(was, becomes) for was in ("failed", "reversed") for becomes in ("provider_pending", "succeeded")]
ROWS = ", ".join(f"('payout', '{was}', '{becomes}')" for was, becomes in MOVES)
CHECK = "ALTER TABLE payments_capture ADD CONSTRAINT elsewhere_is_not_negative CHECK (elsewhere_minor >= 0) NOT VALID;"


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0004_money_given_back_elsewhere"),
        ("events", "0003_every_move_is_in_the_table"),
    ]

    operations = [
        row_security.tenant_table(
            "payments_reading",
            grants={
                "web": "SELECT, INSERT, UPDATE (next_at, turn)",
                "worker": "SELECT, INSERT, UPDATE (next_at, turn)",
                "vault": "SELECT, UPDATE (next_at, turn, fence, cursor)",
            },
        ),
        row_security.tenant_table(
            "payments_sighting",
            grants={
                "web": "SELECT",
                "worker": "SELECT, UPDATE (capture_id, counted_minor, turn, tries, next_at)",
                "vault": "SELECT, INSERT, UPDATE (status, payout_id, seen_at, tries, next_at)",
                "insights": "SELECT",
            },
        ),
        migrations.RunSQL(
            sql=f"INSERT INTO events_move (machine, from_state, to_state) VALUES {ROWS} ON CONFLICT DO NOTHING;",
            reverse_sql=f"DELETE FROM events_move WHERE (machine, from_state, to_state) IN ({ROWS});",
        ),
        migrations.RunSQL(
            sql=CHECK, reverse_sql="ALTER TABLE payments_capture DROP CONSTRAINT elsewhere_is_not_negative;"
        ),
    ]
