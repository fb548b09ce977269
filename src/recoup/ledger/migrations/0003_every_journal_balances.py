"""At commit, debits equal credits in each currency of a journal; no journal is empty (I3); rows never change."""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION ledger_must_balance() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM public.ledger_posting p WHERE p.journal_id = NEW.journal_id
                GROUP BY p.currency HAVING sum(p.amount_minor) <> 0) THEN
        RAISE EXCEPTION 'journal % does not balance', NEW.journal_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_journal_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_must_post() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.ledger_posting p WHERE p.journal_id = NEW.id) THEN
        RAISE EXCEPTION 'journal % has no postings', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_journal_has_postings';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE CONSTRAINT TRIGGER a_journal_balances AFTER INSERT ON ledger_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_must_balance();
CREATE CONSTRAINT TRIGGER a_journal_has_postings AFTER INSERT ON ledger_journal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_must_post();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_journal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""

UNDO = """
DROP TRIGGER append_only ON ledger_journal;
DROP TRIGGER append_only ON ledger_posting;
DROP TRIGGER a_journal_has_postings ON ledger_journal;
DROP TRIGGER a_journal_balances ON ledger_posting;
DROP FUNCTION ledger_refuse_change();
DROP FUNCTION ledger_must_post();
DROP FUNCTION ledger_must_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_rows_belong_to_tenants")]

    operations = [migrations.RunSQL(sql=TRIGGERS, reverse_sql=UNDO)]
