"""Where a second factor is given or added. The proofs are django-allauth's; how often one may be tried is ours.

A code of an authenticator app is good for three half minutes, because phones' clocks differ, and for one use in all of
them. Wrong ones are counted before they are tried, so a burst at one moment does not pass together.
"""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from recoup.kernel import clock
from recoup.web.account import tries

NAME_MAX = 60
TOO_MANY = "Too many wrong codes. Use a passkey, or wait 15 minutes. Nothing has changed on your account."
_DIGITS: dict[str, Any] = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "off"}


class _Counted:
    """Ten wrong codes in a quarter of an hour, and no more is tried; a code of an app works once."""

    user: Any

    def clean_code(self) -> str:
        try:
            spent = tries.begin_code(context.request, self.user, at=clock.now())
        except tries.TooMany:
            raise ValidationError(TOO_MANY, code="too_many") from None
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP:  # type: ignore[attr-defined]
            use_up(self.user, code)
        tries.was_right(spent)
        return code


class Proof(_Counted, AuthenticateForm):  # type: ignore[misc]
    """The code that a sign-in ends with."""

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        _word(self.fields["code"])


class ProofAgain(_Counted, ReauthenticateForm):  # type: ignore[misc]
    """The code before something that matters is changed."""

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        _word(self.fields["code"])


class NewApp(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app, which shows that it was set up right. It is used up by that."""

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        self.fields["code"].label = "The 6 digits that the app shows now"
        self.fields["code"].widget = forms.TextInput(attrs=_DIGITS)

    def clean_code(self) -> str:
        code: str = super().clean_code()
        use_up(self.user, code)
        return code


class NewPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey, with a name to know it by. It always checks the person (a finger, a face, a PIN) by itself."""

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        self.fields["name"] = _name(is_required=False)

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError when the passkey does not know whether it was the person who used it."""
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class PasskeyName(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        self.fields["name"] = _name(is_required=True)


def use_up(person: Any, code: str) -> None:
    """The code of an app is not taken again while it would be right. Raises ValidationError when it was before."""
    lives_s = (2 * app_settings.TOTP_TOLERANCE + 1) * app_settings.TOTP_PERIOD
    if not cache.add(f"second-factor.used:{person.pk}:{normalize_user_code(code)}", "y", timeout=lives_s):
        raise get_adapter().validation_error("incorrect_code")


def _word(field: forms.Field) -> None:
    field.label = "Code of your authenticator app, or a recovery code"
    field.widget = forms.TextInput(attrs=_DIGITS)


def _name(*, is_required: bool) -> forms.Field:
    return forms.CharField(
        label="Name of the passkey",
        help_text="For you, to know it by: “My phone”, “Computer at work”.",
        max_length=NAME_MAX,
        required=is_required,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
