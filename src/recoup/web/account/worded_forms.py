"""django-allauth's forms of an account in our words: what they check and do is theirs."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmPasswordResetCodeForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)

_DIGITS = {"inputmode": "numeric", "autocapitalize": "off"}


class _Worded:
    """Labels of ours, and no second one inside the box, where it is gone as soon as somebody types."""

    worded: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.label = self.worded.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name == "code":
                field.widget.attrs |= _DIGITS


class NewAddress(_Worded, AddEmailForm):  # type: ignore[misc]
    """One more address of somebody's."""

    worded: ClassVar = {"email": "The other e-mail address"}


class OtherPassword(_Worded, ChangePasswordForm):  # type: ignore[misc]
    """Another password, by somebody who knows the one they have."""

    worded: ClassVar = {
        "oldpassword": "The password you have now",
        "password1": "New password",
        "password2": "New password, once more",
    }


class FirstPassword(_Worded, SetPasswordForm):  # type: ignore[misc]
    """A password for somebody who had none."""

    worded: ClassVar = {"password1": "Password", "password2": "Password, once more"}


class ForgottenPassword(_Worded, ResetPasswordForm):  # type: ignore[misc]
    """Where the code for another password goes."""

    worded: ClassVar = {"email": "Your e-mail address"}


class PasswordAfterCode(_Worded, ResetPasswordKeyForm):  # type: ignore[misc]
    """Another password, by somebody who gave the code."""

    worded: ClassVar = {"password1": "New password", "password2": "New password, once more"}


class AddressCode(_Worded, ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that proves an address."""

    worded: ClassVar = {"code": "The six digits"}


class ResetCode(_Worded, ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    """The code that somebody who forgot their password was mailed."""

    worded: ClassVar = {"code": "The six digits"}
