"""What is asked for at addresses whose views are written by others: django-allauth's account pages, ninja's document.

Our own views say it themselves (`recoup.access.doors`). A name that is in neither place opens nothing: the web program
does not start with it. Names are Django's, with their namespaces.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recoup.access import doors

OWN = "account:own"

#: For everybody: the ways in, and what a browser or a company's provider is sent to on the way.
_OPEN = (
    "api-v1:openapi-json",
    "api-v1:api-root",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_signup_by_passkey",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "account_password_reset_completed",
    "account_verify_phone",
    "mfa_authenticate",
    "mfa_trust",
    "mfa_login_webauthn",
    "mfa_signup_webauthn",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
    "socialaccount_signup",
    "saml_acs",
    "saml_finish_acs",
    "saml_sls",
    "saml_metadata",
    "saml_login",
    "openid_connect_login",
    "openid_connect_callback",
)
#: For whoever is signed in, about their own account. Strangers are sent to the sign-in by the view itself.
_OWN = (
    "account_reauthenticate",
    "account_email",
    "account_change_phone",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "socialaccount_connections",
    "usersessions_list",
)
ACTIONS = dict.fromkeys(_OPEN, doors.OPEN) | dict.fromkeys(_OWN, OWN)
#: Old addresses that only send on to a page of the list above; they have no names.
_SENDS_ON = "django.views.generic.base"


def asked_at(view: Callable[..., Any], name: str | None) -> tuple[str, ...]:
    """The actions that are asked for at the address; empty when nobody has said it."""
    own = doors.declared(view)
    if own:
        return own
    if name in ACTIONS:
        return (ACTIONS[name],)
    sends_on = name is None and view.__module__ == _SENDS_ON and getattr(view, "view_class", None) is not None
    return (doors.OPEN,) if sends_on else ()
