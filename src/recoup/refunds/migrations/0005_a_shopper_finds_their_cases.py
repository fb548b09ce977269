"""Somebody who is signed in finds their cases with every company by the addresses they proved.

The index is built while cases come in. The function shows what a list shows, to the web alone.
"""

from django.db import migrations, models

BUILD = "CREATE INDEX CONCURRENTLY IF NOT EXISTS case_by_shopper ON refunds_case (email, id) WHERE email > '';"
FIND = """
CREATE OR REPLACE FUNCTION refunds_cases_of(addresses text[], before_id uuid, at_most integer)
RETURNS TABLE (
    case_id uuid, merchant_id uuid, number text, order_number text, state text, currency varchar, amount_minor bigint,
    amount_requested_minor bigint, requested_at timestamptz, decided_at timestamptz, initiated_at timestamptz,
    credited_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.id, c.merchant_id, c.number, c.order_number, c.state, c.currency, c.amount_minor,
           c.amount_requested_minor, c.requested_at, c.decided_at, c.initiated_at, c.credited_at
      FROM unnest(addresses) AS a(address)
     CROSS JOIN LATERAL (
           SELECT * FROM public.refunds_case x
            WHERE x.email = a.address AND x.email > '' AND (before_id IS NULL OR x.id < before_id)
            ORDER BY x.id DESC LIMIT at_most) c
     ORDER BY c.id DESC LIMIT at_most
$$;
REVOKE ALL ON FUNCTION refunds_cases_of(text[], uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refunds_cases_of(text[], uuid, integer) TO recoup_web;
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("refunds", "0004_who_said_yes_to_what")]

    operations = [
        migrations.RunSQL(
            sql=["DROP INDEX CONCURRENTLY IF EXISTS case_by_shopper;", BUILD],
            reverse_sql="DROP INDEX case_by_shopper;",
            state_operations=[
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        fields=["email", "id"], name="case_by_shopper", condition=models.Q(email__gt="")
                    ),
                )
            ],
        ),
        migrations.RunSQL(
            sql=FIND,
            reverse_sql="DROP FUNCTION refunds_cases_of(text[], uuid, integer);",
        ),
    ]
