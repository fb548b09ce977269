"""A payout starts queued and moves as `payments.states.MOVES` says. Only the vault reads sealed secrets."""

from django.db import migrations

from recoup.events import moves
from recoup.payments.states import MOVES, PayoutState

VAULT = """
CREATE SCHEMA vault;
GRANT USAGE ON SCHEMA vault TO recoup_web, recoup_worker, recoup_vault;
CREATE TABLE vault.box (
    id uuid PRIMARY KEY,
    merchant_id uuid NOT NULL,
    rail_account_id uuid NOT NULL,
    label text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX box_by_account ON vault.box (rail_account_id, created_at DESC);
ALTER TABLE vault.box ENABLE ROW LEVEL SECURITY;
ALTER TABLE vault.box FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_drops ON vault.box FOR INSERT TO recoup_web, recoup_worker
    WITH CHECK (merchant_id = nullif(current_setting('recoup.merchant_id', true), '')::uuid);
CREATE POLICY vault_reads ON vault.box FOR SELECT TO recoup_vault
    USING (current_setting('recoup.every_merchant', true) = 'on');
GRANT INSERT ON vault.box TO recoup_web, recoup_worker;
GRANT SELECT ON vault.box TO recoup_vault;
CREATE FUNCTION payments_find_account(wanted uuid)
RETURNS TABLE (merchant_id uuid, rail text, webhook_secret_sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.merchant_id, a.rail, a.webhook_secret_sealed
      FROM public.payments_railaccount a WHERE a.id = wanted AND a.is_enabled
$$;
CREATE POLICY finder ON payments_railaccount FOR SELECT TO CURRENT_USER USING (true);
REVOKE ALL ON FUNCTION payments_find_account(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_find_account(uuid) TO recoup_web;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_rows_belong_to_tenants"),
        ("events", "0003_every_move_is_in_the_table"),
    ]

    operations = [
        moves.publish(machine="payout", table="payments_payout", moves=MOVES, first={PayoutState.QUEUED}),
        migrations.RunSQL(
            sql=VAULT,
            reverse_sql="DROP POLICY finder ON payments_railaccount; DROP FUNCTION payments_find_account(uuid);"
            " DROP SCHEMA vault CASCADE;",
        ),
    ]
