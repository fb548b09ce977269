"""Whose token it is, and of which company, cannot be known before it was looked up. One hash at a time; and whatever
can end a token is looked up with it, so that no answer is older than the question.
"""

from django.db import migrations

from recoup.access import row_security

FUNCTIONS = """
CREATE FUNCTION identity_find_token(wanted_type text, wanted_hash text, wanted_kid text, moment timestamptz)
RETURNS TABLE (
    token_id bigint, app_id uuid, merchant_id uuid, app_name text, scopes text, facts jsonb, expires_at timestamptz,
    person_id uuid, email text, name text, role text, stamp text, has_session boolean, has_key boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, a.id, a.merchant_id, a.name, t.scopes, t.data, t.expires_at,
           t.user_id, p.email, p.name, m.role, encode(sha256(convert_to(p.password, 'UTF8')), 'hex'),
           EXISTS (SELECT 1 FROM public.usersessions_usersession u
                     JOIN public.django_session s ON s.session_key = u.session_key AND s.expire_date > moment
                    WHERE u.id = (t.data->>'session')::bigint AND u.user_id = t.user_id),
           EXISTS (SELECT 1 FROM public.identity_signingkey k
                    WHERE k.kid = wanted_kid AND (k.retires_at IS NULL OR k.retires_at > moment))
      FROM public.allauth_idp_oidc_token t
      JOIN public.identity_app a ON a.id = t.client_id::uuid AND a.revoked_at IS NULL
      LEFT JOIN public.identity_person p ON p.id = t.user_id AND p.is_active
      LEFT JOIN public.identity_membership m ON m.person_id = p.id AND m.merchant_id = a.merchant_id
     WHERE t.type = wanted_type AND t.hash = wanted_hash
$$;
CREATE FUNCTION identity_find_app(wanted uuid) RETURNS TABLE (merchant_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.merchant_id, a.name FROM public.identity_app a WHERE a.id = wanted AND a.revoked_at IS NULL
$$;
REVOKE ALL ON FUNCTION identity_find_token(text, text, text, timestamptz), identity_find_app(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity_find_token(text, text, text, timestamptz), identity_find_app(uuid) TO recoup_web;
"""
BACK = """
DROP FUNCTION identity_find_token(text, text, text, timestamptz);
DROP FUNCTION identity_find_app(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0010_companies_have_apps")]

    operations = [
        row_security.tenant_table(
            "identity_app",
            grants={"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT, UPDATE"},
            finder=True,
        ),
        row_security.shared_table(
            "identity_signingkey",
            grants={"web": "SELECT, INSERT", "worker": "SELECT, INSERT, UPDATE, DELETE"},
        ),
        migrations.RunSQL(sql=FUNCTIONS, reverse_sql=BACK),
    ]
