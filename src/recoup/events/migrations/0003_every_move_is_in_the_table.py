"""A case or payout moves only along the published table (I7), and each move leaves one row (I5)."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION events_record_transition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was text := CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.events_move m
                    WHERE m.machine = TG_ARGV[0] AND m.from_state = was AND m.to_state = NEW.state) THEN
        RAISE EXCEPTION 'a % does not move from % to %', TG_ARGV[0], coalesce(nullif(was, ''), 'nothing'), NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'move_not_in_the_table';
    END IF;
    INSERT INTO public.events_transition (merchant_id, machine, subject_id, from_state, to_state)
    VALUES (NEW.merchant_id, TG_ARGV[0], NEW.id, nullif(was, ''), NEW.state);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0002_rows_belong_to_tenants")]

    operations = [migrations.RunSQL(sql=FUNCTION, reverse_sql="DROP FUNCTION events_record_transition();")]
