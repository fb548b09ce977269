"""The authorizer learns the tenant from a key and cannot know it before. The function sees one hash at a time."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION access_find_key(wanted bytea)
RETURNS TABLE (key_id uuid, merchant_id uuid, scopes text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.id, k.merchant_id, k.scopes, k.expires_at
      FROM public.access_apikey k WHERE k.secret_hash = wanted AND k.revoked_at IS NULL
$$;
REVOKE ALL ON FUNCTION access_find_key(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access_find_key(bytea) TO recoup_web;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_rows_belong_to_tenants")]

    operations = [migrations.RunSQL(sql=FUNCTION, reverse_sql="DROP FUNCTION access_find_key(bytea);")]
