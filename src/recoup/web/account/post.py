"""django-allauth's mails as letters of ours: which of its templates is which letter, and what it needs to say."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string

from recoup.kernel import clock
from recoup.notifications import actions as notifications
from recoup.notifications.states import Letter
from recoup.web.account import notices
from recoup.web.account.notices import Change

_LETTERS = {
    "account/email/login_code": Letter.SIGN_IN_CODE,
    "account/email/email_confirmation": Letter.ADDRESS_CODE,
    "account/email/email_confirmation_signup": Letter.ADDRESS_CODE,
    "account/email/password_reset_code": Letter.RESET_CODE,
    "account/email/unknown_account": Letter.NO_ACCOUNT,
    "account/email/account_already_exists": Letter.HAS_ACCOUNT,
}
#: Where the button of a letter without a code leads. Our own address, whatever host the request named (A-14).
_PAGES = {Letter.NO_ACCOUNT: "/account/login/", Letter.HAS_ACCOUNT: "/account/login/code/"}
_CHANGES = {
    "account/email/password_changed": Change.PASSWORD_CHANGED,
    "account/email/password_set": Change.PASSWORD_SET,
    "account/email/password_reset": Change.PASSWORD_RESET,
    "account/email/email_changed": Change.EMAIL_CHANGED,
    "account/email/email_deleted": Change.EMAIL_REMOVED,
    "account/email/app_cut_off": Change.APP_CUT_OFF,
    "mfa/email/totp_activated": Change.FACTOR_ADDED,
    "mfa/email/totp_deactivated": Change.FACTOR_REMOVED,
    "mfa/email/webauthn_added": Change.FACTOR_ADDED,
    "mfa/email/webauthn_removed": Change.FACTOR_REMOVED,
    "mfa/email/recovery_codes_generated": Change.RECOVERY_CODES_MADE,
    "socialaccount/email/account_connected": Change.SIGN_IN_CONNECTED,
    "socialaccount/email/account_disconnected": Change.SIGN_IN_DISCONNECTED,
}
_FACTORS = {"totp": "an authenticator app", "webauthn": "a passkey or security key"}


def write(template: str, to: str, context: dict[str, Any]) -> None:
    """The letter that the template stands for waits to be sent. A template that we have no words for keeps its own."""
    kind = _LETTERS.get(template)
    if kind is None:
        facts = {ending: render_to_string(f"{template}_{ending}.txt", context) for ending in ("subject", "message")}
        told = {"subject": " ".join(facts["subject"].split()), "text": facts["message"].strip()}
        notifications.write_letter(kind=Letter.PLAIN, to=to, facts=told, at=clock.now())
        return
    told = {"code": str(context["code"])} if kind not in _PAGES else {"url": settings.PUBLIC_URL + _PAGES[kind]}
    notifications.write_letter(kind=kind, to=to, facts=told, at=clock.now())


def tell(template: str, person: Any, context: dict[str, Any]) -> None:
    """The person is told of the change that the template stands for; one we have no words for is a letter like others.

    Recovery codes that come with somebody's first second factor are told with it.
    """
    change = _CHANGES.get(template)
    if change is None:
        write(template, person.email, {"user": person, **context})
        return
    notices.tell(person, change, **_facts(template, change, person, context))


def tell_of_address(address: EmailAddress) -> None:
    """Somebody who had an address before hears of the second one; a first address is what the account was made with."""
    others = EmailAddress.objects.filter(user_id=address.user_id, verified=True).exclude(pk=address.pk)
    if others.exists():
        notices.tell(address.user, Change.EMAIL_ADDED, new=address.email)


def tell_of_recovery_code(request: HttpRequest, person: Any) -> None:
    """Whoever just signed in with a recovery code is told of it."""
    records = get_authentication_records(request, person)
    if any(record.get("method") == "mfa" and record.get("type") == "recovery_codes" for record in records):
        notices.tell(person, Change.RECOVERY_CODE_USED)


def _facts(template: str, change: Change, person: Any, context: dict[str, Any]) -> dict[str, object]:
    if change is Change.EMAIL_CHANGED:
        return {"old": context["from_email"], "new": context["to_email"]}
    if change is Change.EMAIL_REMOVED:
        return {"old": context["deleted_email"]}
    if change is Change.APP_CUT_OFF:
        return {"app": context["app_name"], "apps_url": f"{settings.PUBLIC_URL}/account/apps/"}
    if change in (Change.SIGN_IN_CONNECTED, Change.SIGN_IN_DISCONNECTED):
        return {"provider": context["provider"].name, "connection_id": context["account"].pk}
    if change in (Change.FACTOR_ADDED, Change.FACTOR_REMOVED):
        kind = template.rpartition("/")[2].partition("_")[0]
        newest = Authenticator.objects.filter(user=person, type=kind).order_by("-pk").first()
        added = newest.pk if newest and change is Change.FACTOR_ADDED else None
        return {"factor": _FACTORS[kind], "factor_id": added}
    return {}
