"""Django's settings, read from the environment that the supervisor (or the operator) gives each program."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from recoup.config import safety
from recoup.kernel import tongues

_env = os.environ

MODE = _env.get("RECOUP_MODE", "production")
DEBUG = _env.get("RECOUP_DEBUG", "") == "1"
SECRET_KEY = _env.get("RECOUP_SECRET_KEY", "")
FIELD_KEY = _env.get("RECOUP_FIELD_KEY", "")
VAULT_PUBLIC_KEY = _env.get("RECOUP_VAULT_PUBLIC_KEY", "")
PUBLIC_URL = _env.get("RECOUP_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
LIVE_URL = _env.get("RECOUP_LIVE_URL", "").rstrip("/")
ALLOWED_HOSTS = [host for host in _env.get("RECOUP_ALLOWED_HOSTS", "").split(",") if host]
EVIDENCE_DIR = Path(_env.get("RECOUP_EVIDENCE_DIR", "var/evidence"))
INBOX_URL = _env.get("RECOUP_INBOX_URL", "")
LIMITS = _env.get("RECOUP_LIMITS", "")
TRUSTED_PROXIES = _env.get("RECOUP_TRUSTED_PROXIES", "")
# Webhooks out: the ports they may go to; origins inside that are allowed all the same, in practice mode only
# (config/safety.py); and name servers (host:port) other than this machine's.
CALLBACK_PORTS = frozenset(int(port) for port in _env.get("RECOUP_CALLBACK_PORTS", "443,8443").split(","))
CALLBACK_INSIDE = frozenset(filter(None, _env.get("RECOUP_CALLBACK_INSIDE", "").split(",")))
CALLBACK_NAMESERVERS = [
    (host, int(port))
    for host, _, port in (
        told.rpartition(":") for told in _env.get("RECOUP_CALLBACK_NAMESERVERS", "").split(",") if told
    )
]

# For how many seconds a shopper who has just confirmed can undo it: nothing is sent before (docs/operating.md).
UNDO_SECONDS = safety.read_seconds(_env.get("RECOUP_UNDO_SECONDS", "20"), name="RECOUP_UNDO_SECONDS", most=240)

# Texts (docs/sms.md): whose gateway carries them, where to, and which country a number without one is in.
HOME_COUNTRY = _env.get("RECOUP_HOME_COUNTRY", "SG").upper()
SMS_COUNTRIES = tuple(filter(None, _env.get("RECOUP_SMS_COUNTRIES", HOME_COUNTRY).upper().replace(" ", "").split(",")))
SMS_GATEWAY = _env.get("RECOUP_SMS_GATEWAY", "")
SMS_URL = _env.get("RECOUP_SMS_URL", "")
SMS_HEADERS = _env.get("RECOUP_SMS_HEADERS", "{}")
SMS_BODY = _env.get("RECOUP_SMS_BODY", '{"to": "{to}", "text": "{text}", "ref": "{ref}"}')
SMS_BODY_TYPE = _env.get("RECOUP_SMS_BODY_TYPE", "json")
SMS_INSIDE = _env.get("RECOUP_SMS_INSIDE", "") == "1"
TWILIO_URL = _env.get("RECOUP_TWILIO_URL", "https://api.twilio.com").rstrip("/")
TWILIO_ACCOUNT_SID = _env.get("RECOUP_TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = _env.get("RECOUP_TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = _env.get("RECOUP_TWILIO_FROM", "")

safety.refuse_unsafe(mode=MODE, secret_key=SECRET_KEY, debug=DEBUG, hosts=ALLOWED_HOSTS, environment=_env)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.idp.oidc",
    "recoup.events",
    "recoup.identity",
    "recoup.access",
    "recoup.merchants",
    "recoup.orders",
    "recoup.ledger",
    "recoup.payments",
    "recoup.refunds",
    "recoup.notifications",
    "recoup.webhooks",
    "recoup.callbacks",
    "recoup.insights",
    "recoup.operations",
    "recoup.web",
]

MIDDLEWARE = [
    "recoup.web.front.FrontDoor",
    "recoup.api.middleware.EveryErrorIsAProblem",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "recoup.web.middleware.PagesOnly",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "recoup.config.urls"
WSGI_APPLICATION = "recoup.config.wsgi.application"
AUTH_USER_MODEL = "identity.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"recoup.web.account.passwords.{rule}"} for rule in ("Long", "Uncommon", "NotAboutYou", "New")
]

_WEB = Path(__file__).resolve().parent.parent / "web"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_WEB / "templates", _WEB.parent / "notifications" / "templates"],
        # allauth's own templates lie in its apps; ours come first and dress them (web/templates/allauth).
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "recoup.web.context.every_page",
            ],
            "string_if_invalid": "" if MODE == "production" else "MISSING-%s",
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [_WEB / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False


def _database(url: str) -> dict[str, Any]:
    if not url:
        raise ImproperlyConfigured(
            "RECOUP_DATABASE_URL is not set; start Recoup with bin/up or set it (docs/running.md)"
        )
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "recoup.config.database",
        "NAME": str(parts.pop("dbname", "")),
        "USER": str(parts.pop("user", "")),
        "PASSWORD": str(parts.pop("password", "")),
        "HOST": str(parts.pop("host", "")),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            # Parameters go to the server by themselves, so a statement is parsed and planned once, not at every call.
            "server_side_binding": True,
            "prepare_threshold": 3,
            "connect_timeout": 5,
            "application_name": _env.get("RECOUP_PROGRAM", "recoup"),
            **parts,
        },
    }


DATABASES = {"default": _database(_env.get("RECOUP_DATABASE_URL", ""))}

# What all processes have to know of each other for a while: tries that failed, codes that were used.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "identity_cache"}}

_IS_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_ENGINE = "recoup.web.session_store"
SESSION_COOKIE_NAME = "__Host-recoup" if _IS_HTTPS else "recoup"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "__Host-recoup-csrf" if _IS_HTTPS else "recoup-csrf"
# Behind a proxy that speaks https for us, a form says so in its Origin and the socket does not.
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if _IS_HTTPS else []
CSRF_FAILURE_VIEW = "recoup.web.errors.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Accounts (django-allauth). One door for everybody: an address and a code, a passkey, or a password.
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_ADAPTER = "recoup.web.account.adapters.Accounts"
SOCIALACCOUNT_ADAPTER = "recoup.web.account.company_providers.OtherSignIns"
# Other providers for shoppers: [{"provider_id", "name", "client_id", "secret", "settings": {"server_url"}}, ...].
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": json.loads(_env.get("RECOUP_OIDC_PROVIDERS", "[]")), "OAUTH_PKCE_ENABLED": True}
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
MFA_ADAPTER = "recoup.identity.second_factors.SecondFactors"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_PREVENT_ENUMERATION = True
# Wrong passwords are counted by web/account/tries.py instead.
ACCOUNT_RATE_LIMITS = {"login_failed": ""}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _IS_HTTPS else "http"
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_FORMS = {
    "add_email": "recoup.web.account.worded_forms.NewAddress",
    "change_password": "recoup.web.account.worded_forms.OtherPassword",
    "set_password": "recoup.web.account.worded_forms.FirstPassword",
    "reset_password": "recoup.web.account.worded_forms.ForgottenPassword",
    "reset_password_from_key": "recoup.web.account.worded_forms.PasswordAfterCode",
    "confirm_email_verification_code": "recoup.web.account.worded_forms.AddressCode",
    "confirm_password_reset_code": "recoup.web.account.worded_forms.ResetCode",
}
MFA_FORMS = {
    "authenticate": "recoup.web.account.factor_forms.Proof",
    "reauthenticate": "recoup.web.account.factor_forms.ProofAgain",
    "activate_totp": "recoup.web.account.factor_forms.NewApp",
    "add_webauthn": "recoup.web.account.factor_forms.NewPasskey",
    "edit_webauthn": "recoup.web.account.factor_forms.PasskeyName",
}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = MODE == "demo"
MFA_TOTP_ISSUER = "Recoup"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
USERSESSIONS_TRACK_ACTIVITY = False
# Who shows an access token (access/principals.py asks; identity, above it, knows).
TOKEN_READER = "recoup.identity.tokens.principal_of"
GUEST_READER = "recoup.identity.queries.guest_by_token"

DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "Asia/Singapore"
LANGUAGE_CODE = "en"
USE_I18N = True
LANGUAGES = list(tongues.NAMES.items())
LOCALE_PATHS = [_WEB.parent / "locale"]
LANGUAGE_COOKIE_NAME = "__Host-recoup-language" if _IS_HTTPS else "recoup-language"

_smtp = urlsplit(_env.get("RECOUP_SMTP_URL", "smtp://127.0.0.1:25"))
EMAIL_BACKEND = _env.get("RECOUP_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = _smtp.hostname or "127.0.0.1"
EMAIL_PORT = _smtp.port or 25
EMAIL_HOST_USER = unquote(_smtp.username or "")
EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
EMAIL_USE_TLS = _smtp.scheme == "smtp+tls"
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _env.get("RECOUP_MAIL_FROM", "Recoup <refunds@localhost>")

LOGGING_CONFIG = None
