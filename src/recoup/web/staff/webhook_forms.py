"""What a manager types about a webhook endpoint."""

from __future__ import annotations

from datetime import timedelta

from django import forms

from recoup.callbacks.queries import CHOICES, EndpointView

URL_MAX, DESCRIPTION_MAX = 2000, 200


class EndpointForm(forms.Form):
    """Where, what for, and what it hears."""

    url = forms.CharField(
        label="Address of your server",
        help_text="It begins with https:// and is a public one, like https://hooks.shop.example.com/recoup",
        max_length=URL_MAX,
        error_messages={"required": "Please enter the address that we send to."},
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    description = forms.CharField(
        label="What it is for (optional)", required=False, max_length=DESCRIPTION_MAX, widget=forms.TextInput()
    )
    event_types = forms.MultipleChoiceField(
        label="What it hears",
        choices=[(name, f"{words} ({name})") for name, words in CHOICES],
        error_messages={"required": "Please choose at least one."},
        widget=forms.CheckboxSelectMultiple(),
    )

    @classmethod
    def of(cls, view: EndpointView) -> EndpointForm:
        """The form as the endpoint stands."""
        return cls(initial={"url": view.url, "description": view.description, "event_types": view.event_types})


class RotateForm(forms.Form):
    """How long the secret before goes on signing."""

    overlap_h = forms.TypedChoiceField(
        label="The secret you have now",
        coerce=int,
        choices=[
            (24, "Signs beside the new one for 24 hours"),
            (168, "Signs beside the new one for 7 days"),
            (0, "Ends at once, because somebody may have seen it"),
        ],
    )


class ReplayForm(forms.Form):
    """Which failed messages are sent again."""

    hours = forms.TypedChoiceField(
        label="Send again what failed in the last",
        coerce=int,
        choices=[(1, "hour"), (24, "24 hours"), (7 * 24, "7 days"), (30 * 24, "30 days")],
        initial=24,
    )

    @property
    def back(self) -> timedelta:
        """How far back."""
        return timedelta(hours=self.cleaned_data["hours"])


class NothingToSay(forms.Form):
    """A deed that is only confirmed."""
