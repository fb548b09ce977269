"""The questions that pages ask. Each error says what to do; nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, gettext_lazy

from recoup.web.account import contacts

PHOTOS_MAX = 6
PHOTO_BYTES_MAX = 8 * 1024 * 1024
WORDS_MAX = 1500


class _WithContact(forms.Form):
    """Something's number, and the e-mail address or mobile number that it was asked for or bought with."""

    contact = forms.CharField(
        max_length=320,
        error_messages={"required": gettext_lazy("Please enter the e-mail or the mobile number you used.")},
        widget=forms.TextInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
    )
    country = contacts.Country()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        takes_numbers = contacts.takes_numbers()
        self.fields["contact"].label = self.labels[takes_numbers]
        if not takes_numbers:
            self.fields["contact"].widget.attrs["inputmode"] = "email"
        if not takes_numbers or len(contacts.countries()) < 2:
            del self.fields["country"]

    #: What the contact is called: without numbers, with them.
    labels = (gettext_lazy("Your e-mail"), gettext_lazy("Your e-mail or mobile number"))
    #: The contact that was read; `clean` found it good.
    found: contacts.Contact

    def clean_contact(self) -> str:
        """The contact is kept at `found`."""
        text = str(self.cleaned_data["contact"])
        self.found = contacts.read(text, country=str(self.data.get("country") or ""))
        return text


class FindOrder(_WithContact):
    """Step 1: order number, and how the shop knows the shopper."""

    field_order = ["order_number", "contact", "country"]
    labels = (gettext_lazy("E-mail you ordered with"), gettext_lazy("E-mail or mobile number you ordered with"))
    order_number = forms.CharField(
        label=gettext_lazy("Order number"),
        max_length=80,
        error_messages={"required": gettext_lazy("Please enter your order number. It is in the shop's e-mail.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class FindCase(_WithContact):
    """Case number, and how the shop knows the shopper."""

    field_order = ["number", "contact", "country"]
    number = forms.CharField(
        label=gettext_lazy("Case number"),
        max_length=40,
        error_messages={"required": gettext_lazy("Please enter your case number. It is in every e-mail we sent you.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper()


class EnterCode(forms.Form):
    """The six digits, however they were typed or pasted."""

    code = forms.CharField(
        label=gettext_lazy("6-digit code"),
        max_length=20,
        error_messages={"required": gettext_lazy("Please enter the 6 digits from our e-mail.")},
        widget=forms.TextInput(
            attrs={"class": "is-code", "inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "20"}
        ),
    )

    def clean_code(self) -> str:
        digits = re.sub(r"[\s-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", digits):
            raise forms.ValidationError(gettext("The code has 6 digits. Please look at our e-mail again."))
        return digits


class OwnItems(forms.Form):
    """What was bought, when we do not know the order yet."""

    bought = forms.CharField(
        label=gettext_lazy("What did you buy, and what is it about?"),
        help_text=gettext_lazy("For example: blue kettle, and 2 of 4 cups."),
        max_length=400,
        error_messages={"required": gettext_lazy("Please tell us in a few words what you bought.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class _PhotoInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class Photos(forms.FileField):
    """Several photos; too many or too large ones are refused by name, the others stay."""

    widget = _PhotoInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = [file for file in data or [] if file]
        if len(files) > PHOTOS_MAX:
            raise forms.ValidationError(gettext("Please choose at most {count} photos.").format(count=PHOTOS_MAX))
        for file in files:
            if file.size > PHOTO_BYTES_MAX:
                raise forms.ValidationError(
                    gettext("{name} is larger than 8 MB. Please choose a smaller photo.").format(name=file.name)
                )
            if file.content_type not in {"image/jpeg", "image/png", "image/webp"}:
                raise forms.ValidationError(
                    gettext("{name} is not a photo that we can read. Please use JPEG, PNG or WebP.").format(
                        name=file.name
                    )
                )
        return files


class SayWhy(forms.Form):
    """Step 4: own words, or a preset, or both; photos."""

    words = forms.CharField(
        label=gettext_lazy("Tell us in your own words"),
        help_text=gettext_lazy("One or two sentences are enough."),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    reason = forms.CharField(required=False, max_length=40)
    photos = Photos(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("words") and not given.get("reason") and "words" not in self.errors:
            self.add_error("words", gettext("Please write what happened, or pick a reason below."))
        return given


class ShowMore(forms.Form):
    """What was asked for: photos, words, or both."""

    photos = Photos(required=False)
    words = forms.CharField(
        label=gettext_lazy("Your answer"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("words") and not given.get("photos"):
            self.add_error("words", gettext("Please add a photo or write a sentence."))
        return given


class Disagree(forms.Form):
    """Why a decision is wrong in the shopper's eyes."""

    words = forms.CharField(
        label=gettext_lazy("Why do you disagree?"),
        help_text=gettext_lazy("For example: it was the shop's mistake, or the dates are wrong."),
        max_length=WORDS_MAX,
        error_messages={"required": gettext_lazy("Please tell us in your own words why you disagree.")},
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    photos = Photos(required=False)


class WordsForShopper(forms.Form):
    """What a reviewer writes; the shopper reads it as it stands."""

    words = forms.CharField(
        label="Your words to the shopper",
        max_length=WORDS_MAX,
        error_messages={"required": "Please write a sentence: the shopper reads it as it stands."},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NothingToSay(forms.Form):
    """A verb that needs no words; it is only confirmed."""


class NoteOnApproval(forms.Form):
    """An optional sentence that goes with an approval."""

    words = forms.CharField(
        label="A sentence to go with it (optional)",
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Grade(forms.Form):
    """In what condition returned goods are."""

    grade = forms.ChoiceField(
        label="Condition",
        choices=[
            ("graded_ok", "As expected"),
            ("graded_damaged", "Damaged by use"),
            ("graded_wrong", "Not the article that was bought"),
            ("graded_missing", "Parts are missing"),
        ],
    )
    words = forms.CharField(
        label="Note (optional)", required=False, max_length=WORDS_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
