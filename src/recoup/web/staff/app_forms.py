"""What a manager types about an app."""

from __future__ import annotations

from typing import Any

from django import forms

from recoup.access import keys
from recoup.identity import app_kinds
from recoup.kernel.errors import Invalid
from recoup.web.oauth import words


class AppForm(forms.Form):
    """What it is, where people come back to, and what it may ask for."""

    name = forms.CharField(
        label="Name of the app",
        help_text="People see it when they are asked whether the app may act for them.",
        max_length=app_kinds.NAME_MAX,
        error_messages={"required": "Please give the app a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label="What is it?",
        choices=[(kind.name, kind.words) for kind in app_kinds.KINDS.values()],
        error_messages={"required": "Please choose one."},
        widget=forms.RadioSelect(),
    )
    redirect_uris = forms.CharField(
        label="Where people are sent back to",
        help_text="For apps that people sign in to: one address a line, beginning with https://. They are compared "
        "letter by letter.",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    scopes = forms.MultipleChoiceField(
        label="What may it ask for?",
        error_messages={"required": "Please choose at least one."},
        widget=forms.CheckboxSelectMultiple(),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["scopes"].choices = [(name, words.of_api_scope(name)) for name in sorted(keys.SCOPES)]  # type: ignore[attr-defined]

    def clean_redirect_uris(self) -> list[str]:
        found = [line.strip() for line in self.cleaned_data["redirect_uris"].splitlines() if line.strip()]
        for address in found:
            try:
                app_kinds.check_address(address)
            except Invalid as wrong:
                raise forms.ValidationError(wrong.detail) from None
        return found

    def clean(self) -> dict[str, Any]:
        """What one kind needs, another cannot have."""
        told = self.cleaned_data
        kind = app_kinds.KINDS.get(told.get("kind", ""))
        if kind is not None and "redirect_uris" in told:
            if kind.sends_people_back and not told["redirect_uris"]:
                self.add_error("redirect_uris", "Please say where people are sent back to after they have signed in.")
            elif told["redirect_uris"] and not kind.sends_people_back:
                self.add_error("redirect_uris", "An app of this kind sends nobody back: leave this empty.")
        if kind is not None and set(told.get("scopes", ())) - kind.scopes:
            refused = ", ".join(sorted(set(told["scopes"]) - kind.scopes))
            self.add_error("scopes", f"No app does this for a person, only a server in its own name: {refused}")
        return told
