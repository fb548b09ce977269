"""Somebody who is about to sign in names an address or a company; whose provider that is cannot be known before."""

from django.db import migrations

from recoup.access import row_security

FUNCTION = """
CREATE FUNCTION identity_find_provider(wanted_domain text, wanted_slug text)
RETURNS SETOF public.identity_identityprovider
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.* FROM public.identity_identityprovider p
     WHERE p.is_enabled AND (p.slug = wanted_slug OR p.id = (
           SELECT d.provider_id FROM public.identity_providerdomain d WHERE d.domain = wanted_domain))
$$;
REVOKE ALL ON FUNCTION identity_find_provider(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity_find_provider(text, text) TO recoup_web;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0006_companies_have_identity_providers")]

    operations = [
        row_security.tenant_table(
            "identity_identityprovider",
            grants={"web": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT, INSERT, UPDATE, DELETE"},
            finder=True,
        ),
        row_security.tenant_table(
            "identity_providerdomain",
            grants={"web": "SELECT, INSERT, DELETE", "worker": "SELECT, INSERT, DELETE"},
            finder=True,
        ),
        migrations.RunSQL(sql=FUNCTION, reverse_sql="DROP FUNCTION identity_find_provider(text, text);"),
    ]
