"""The one field of the sign-in: an e-mail address or a mobile number, however somebody writes it."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy

from recoup.kernel import phone_numbers

#: Names of the countries that texts may go to; one that is not named here is shown by its two letters.
_NAMES = {
    "AU": "Australia",
    "BN": "Brunei",
    "CN": "China",
    "DE": "Germany",
    "GB": "United Kingdom",
    "HK": "Hong Kong",
    "ID": "Indonesia",
    "IN": "India",
    "JP": "Japan",
    "KR": "South Korea",
    "MY": "Malaysia",
    "NZ": "New Zealand",
    "PH": "Philippines",
    "SG": "Singapore",
    "TH": "Thailand",
    "TW": "Taiwan",
    "US": "United States",
    "VN": "Vietnam",
}

#: Every text of this table, for the catalogues.
TEXTS: tuple[str, ...] = tuple(_NAMES.values())


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a code goes: `email`, or `phone` (E.164) and its `country`."""

    email: str = ""
    phone: str = ""
    country: str = ""

    @property
    def account(self) -> str:
        """What limits count it as."""
        return self.email or self.phone

    @property
    def shown(self) -> str:
        """How its owner may read it."""
        return self.email or phone_numbers.as_people_write(self.phone)


def of_number(e164: str) -> Contact:
    """A number that was read before, wherever it is."""
    return Contact(phone=e164, country=phone_numbers.country_of(e164))


def takes_numbers() -> bool:
    """Whether there is a gateway to send texts through."""
    return bool(settings.SMS_GATEWAY)


def countries() -> list[tuple[str, str]]:
    """Where texts may go, the home country first: `("SG", "Singapore (+65)")`."""
    home_first = sorted(settings.SMS_COUNTRIES, key=lambda one: (one != settings.HOME_COUNTRY, _NAMES.get(one, one)))
    return [(one, f"{gettext(_NAMES.get(one, one))} (+{phone_numbers.calling_code(one)})") for one in home_first]


def kept(contact: str) -> Contact:
    """One that was read before: an address, or a number in E.164."""
    return of_number(contact) if contact.startswith("+") else Contact(email=contact)


def number(text: str, *, country: str) -> Contact:
    """The mobile number. Raises ValidationError, which says what to do."""
    if not takes_numbers():
        raise ValidationError(gettext("We cannot send texts at the moment. Use your e-mail address instead."))
    try:
        found = phone_numbers.read(text, country=country or settings.HOME_COUNTRY, allowed=settings.SMS_COUNTRIES)
    except phone_numbers.NotANumber as problem:
        raise ValidationError(gettext(str(problem))) from None
    return Contact(phone=found.e164, country=found.country)


def read(text: str, *, country: str) -> Contact:
    """The address or the number. Raises ValidationError, which says what to do."""
    text = text.strip()
    if "@" not in text and phone_numbers.looks_like_one(text):
        return number(text, country=country)
    try:
        validate_email(text)
    except ValidationError:
        example = "name@example.com"
        if not takes_numbers():
            raise ValidationError(
                gettext("That is not complete. Write it like {example}.").format(example=example)
            ) from None
        told = gettext("That is not complete. Write it like {example} or {number}.")
        raise ValidationError(told.format(example=example, number="9123 4567")) from None
    if len(text) > 254:
        raise ValidationError(gettext("That address is too long."))
    return Contact(email=text.lower())


class Country(forms.ChoiceField):
    """Where a number is that does not begin with +."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Country of the number"),
            choices=lazy(countries, list)(),
            required=False,
            widget=forms.Select(attrs={"autocomplete": "country"}),
        )


class Door(forms.Form):
    """Who wants to come in."""

    login = forms.CharField(
        label="E-mail or mobile number",
        max_length=320,
        error_messages={"required": "Please enter your e-mail address or your mobile number."},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
    country = Country()

    def __init__(self, *args: object, **more: object) -> None:
        # Beside it stands the form for a password, which has a field of that name too: no two may have one id.
        super().__init__(*args, **({"auto_id": "door-%s"} | more))  # type: ignore[arg-type]
        if not takes_numbers():
            self.fields["login"].label = "E-mail"
        if not takes_numbers() or len(countries()) < 2:
            del self.fields["country"]

    def clean_login(self) -> str:
        """The contact is kept at `contact`."""
        text = str(self.cleaned_data["login"])
        self.contact = read(text, country=str(self.data.get("country") or ""))
        return text


class NewNumber(forms.Form):
    """A number for an account that exists."""

    phone = forms.CharField(
        label="Mobile number",
        max_length=40,
        error_messages={"required": "Please enter your mobile number."},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    country = Country()

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        if len(countries()) < 2:
            del self.fields["country"]

    def clean_phone(self) -> str:
        """The contact is kept at `contact`."""
        text = str(self.cleaned_data["phone"])
        self.contact = number(text, country=str(self.data.get("country") or ""))
        return text
