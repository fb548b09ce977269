"""Accounts, second factors, sessions and what processes tell each other about them: tables of django-allauth and
Django, without tenants. The web keeps them; the worker takes away what is over.
"""

from django.db import migrations

from recoup.access import row_security

CACHE = """
CREATE TABLE identity_cache (cache_key text PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX identity_cache_expires ON identity_cache (expires);
"""
KEPT_BY_THE_WEB = (
    "django_session",
    "account_emailaddress",
    "account_emailconfirmation",
    "mfa_authenticator",
    "usersessions_usersession",
    "socialaccount_socialaccount",
    "socialaccount_socialtoken",
    "allauth_idp_oidc_client",
    "allauth_idp_oidc_token",
    "identity_cache",
)
SETTINGS_OF_OTHERS = ("socialaccount_socialapp",)
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_roles_phones_and_limits"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
    ]

    operations = [
        migrations.RunSQL(sql=CACHE, reverse_sql="DROP TABLE identity_cache;"),
        *[
            row_security.shared_table(table, grants={"web": EVERYTHING, "worker": EVERYTHING})
            for table in (*KEPT_BY_THE_WEB, *SETTINGS_OF_OTHERS)
        ],
        migrations.RunSQL(
            sql="GRANT DELETE ON identity_person TO recoup_worker;",
            reverse_sql="REVOKE DELETE ON identity_person FROM recoup_worker;",
        ),
    ]
