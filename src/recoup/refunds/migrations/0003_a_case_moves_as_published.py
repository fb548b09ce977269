"""A case starts and moves as `refunds.states.MOVES` says; what is not written there cannot happen."""

from django.db import migrations

from recoup.events import moves
from recoup.refunds.states import MOVES, CaseState

FIRST = {CaseState.SUBMITTED} | MOVES[CaseState.SUBMITTED] - {CaseState.WITHDRAWN, CaseState.EXPIRED}

FIND = """
CREATE FUNCTION refunds_find_case(wanted text) RETURNS TABLE (merchant_id uuid, case_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.merchant_id, c.id FROM public.refunds_case c WHERE c.number = wanted
$$;
REVOKE ALL ON FUNCTION refunds_find_case(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refunds_find_case(text) TO recoup_web, recoup_worker;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("refunds", "0002_rows_belong_to_tenants"),
        ("events", "0003_every_move_is_in_the_table"),
    ]

    operations = [
        moves.publish(machine="case", table="refunds_case", moves=MOVES, first=FIRST),
        migrations.RunSQL(sql=FIND, reverse_sql="DROP FUNCTION refunds_find_case(text);"),
    ]
