"""A guest's token and a person's sign-in lead to the companies they belong to; neither is known before."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION identity_find_pass(wanted bytea)
RETURNS TABLE (pass_id uuid, merchant_id uuid, order_id uuid, case_id uuid, email text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id, p.merchant_id, p.order_id, p.case_id, p.email::text, p.expires_at
      FROM public.identity_guestpass p WHERE p.token_hash = wanted AND p.revoked_at IS NULL
$$;
CREATE FUNCTION identity_memberships(wanted uuid)
RETURNS TABLE (merchant_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.merchant_id, m.role FROM public.identity_membership m WHERE m.person_id = wanted
$$;
REVOKE ALL ON FUNCTION identity_find_pass(bytea), identity_memberships(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity_find_pass(bytea), identity_memberships(uuid) TO recoup_web;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_rows_belong_to_tenants")]

    operations = [
        migrations.RunSQL(
            sql=FUNCTIONS,
            reverse_sql="DROP FUNCTION identity_find_pass(bytea); DROP FUNCTION identity_memberships(uuid);",
        )
    ]
