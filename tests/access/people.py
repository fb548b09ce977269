"""Signing in to the database as one of the programs, without Django in between."""

from contextlib import contextmanager

import psycopg


@contextmanager
def signed_in(cluster, role, *, merchant_id=None, every=False):
    """A transaction of that role, with the settings a program would make. It is rolled back."""
    with psycopg.connect(cluster.database_url(role)) as connection:
        if merchant_id is not None:
            connection.execute("SELECT set_config('recoup.merchant_id', %s, true)", [str(merchant_id)])
        if every:
            connection.execute("SELECT set_config('recoup.every_merchant', 'on', true)")
        yield connection
        connection.rollback()


def tenant_tables(connection):
    """Every table of ours with a column `merchant_id`."""
    rows = connection.execute(
        "SELECT c.table_schema || '.' || c.table_name FROM information_schema.columns c"
        " JOIN information_schema.tables t USING (table_schema, table_name)"
        " WHERE c.column_name = 'merchant_id' AND c.table_schema IN ('public', 'vault') AND t.table_type = 'BASE TABLE'"
        " ORDER BY 1"
    ).fetchall()
    return [row[0] for row in rows]
