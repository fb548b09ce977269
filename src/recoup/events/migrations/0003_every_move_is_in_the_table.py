"""A case or payout moves only along the published table (I7), and each move leaves one row (I5)."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION events_record_transitions() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    refused record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.events_transition (merchant_id, machine, subject_id, from_state, to_state)
        SELECT n.merchant_id, TG_ARGV[0], n.id, NULL, n.state FROM new_rows n;
        SELECT '' AS was, n.state AS becomes INTO refused
          FROM new_rows n
         WHERE NOT EXISTS (SELECT FROM public.events_move m
                            WHERE m.machine = TG_ARGV[0] AND m.from_state = '' AND m.to_state = n.state)
         LIMIT 1;
    ELSE
        INSERT INTO public.events_transition (merchant_id, machine, subject_id, from_state, to_state)
        SELECT n.merchant_id, TG_ARGV[0], n.id, o.state, n.state
          FROM old_rows o JOIN new_rows n USING (id) WHERE o.state <> n.state;
        SELECT o.state AS was, n.state AS becomes INTO refused
          FROM old_rows o JOIN new_rows n USING (id)
         WHERE o.state <> n.state
           AND NOT EXISTS (SELECT FROM public.events_move m
                            WHERE m.machine = TG_ARGV[0] AND m.from_state = o.state AND m.to_state = n.state)
         LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'a % does not move from % to %', TG_ARGV[0], coalesce(nullif(refused.was, ''), 'nothing'),
              refused.becomes USING ERRCODE = 'check_violation', CONSTRAINT = 'move_not_in_the_table';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0002_rows_belong_to_tenants")]

    operations = [migrations.RunSQL(sql=FUNCTION, reverse_sql="DROP FUNCTION events_record_transitions();")]
