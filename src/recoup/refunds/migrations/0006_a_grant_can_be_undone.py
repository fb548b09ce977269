"""What is granted can be withdrawn by the shopper, as long as nothing was sent."""

from django.db import migrations

#: 0003 publishes the table as it stands in the code, so a new database has these rows already.
ROWS = ", ".join(f"('case', '{was}', 'withdrawn')" for was in ("approved", "partly_approved"))


class Migration(migrations.Migration):
    dependencies = [("refunds", "0005_a_shopper_finds_their_cases"), ("events", "0003_every_move_is_in_the_table")]

    operations = [
        migrations.RunSQL(
            sql=f"INSERT INTO events_move (machine, from_state, to_state) VALUES {ROWS} ON CONFLICT DO NOTHING;",
            reverse_sql=f"DELETE FROM events_move WHERE (machine, from_state, to_state) IN ({ROWS});",
        )
    ]
