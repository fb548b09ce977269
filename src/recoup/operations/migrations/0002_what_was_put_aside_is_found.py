"""What was parked, and what happened in a span of time, is found without reading whole tables.

Rows that were put aside are few, so their indexes are nearly empty. The one of events by time holds a line for each
hundred pages: it costs writers next to nothing. All are built while everybody works.
"""

from django.db import migrations

TABLES = {
    "payments_payout": "payout_put_aside",
    "webhooks_receipt": "receipt_put_aside",
    "refunds_case": "case_put_aside",
    "notifications_message": "message_put_aside",
    "notifications_accountletter": "account_letter_put_aside",
    "notifications_accounttext": "account_text_put_aside",
}
BUILD = [
    statement
    for table, index in TABLES.items()
    for statement in (
        f"DROP INDEX CONCURRENTLY IF EXISTS {index};",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} (parked_at) WHERE parked_at IS NOT NULL;",
    )
]
OPTIONS = "WITH (pages_per_range = 32, autosummarize = on)"
BY_TIME = [
    "DROP INDEX CONCURRENTLY IF EXISTS event_by_time;",
    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS event_by_time ON events_event USING brin (at) {OPTIONS};",
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("operations", "0001_tables"),
        ("events", "0003_every_move_is_in_the_table"),
        ("payments", "0003_a_payout_moves_as_published"),
        ("webhooks", "0002_rows_belong_to_tenants"),
        ("refunds", "0003_a_case_moves_as_published"),
        ("notifications", "0004_letters_about_accounts"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[*BUILD, *BY_TIME],
            reverse_sql=[f"DROP INDEX {index};" for index in [*TABLES.values(), "event_by_time"]],
        ),
    ]
