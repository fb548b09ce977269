"""What a manager types about colleagues, and a new colleague about themselves."""

from __future__ import annotations

from django import forms

from recoup.identity.actions.accept_invitation import NAME_MAX

#: Roles in the order of what they may do, with what that is.
ROLES = (
    ("auditor", "Auditor: reads everything, changes nothing"),
    ("booth", "Booth: takes goods in and says how they came back"),
    ("support", "Support: files for callers, reads, asks for what is missing"),
    ("reviewer", "Reviewer: decides cases, up to their limit"),
    ("manager", "Manager: everything, also people, keys and limits"),
)


class RoleForm(forms.Form):
    """A role."""

    role = forms.ChoiceField(
        label="Their role",
        choices=ROLES,
        error_messages={"required": "Please choose a role."},
        widget=forms.RadioSelect(),
    )


class InviteForm(RoleForm):
    """Who is invited, and to what."""

    email = forms.EmailField(
        label="Their work e-mail address",
        help_text="We mail them a link. It works for this address only, once, for seven days.",
        max_length=254,
        error_messages={
            "required": "Please write their e-mail address.",
            "invalid": "Please write a whole e-mail address, such as ines@example.com.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("email", "role")


class NameForm(forms.Form):
    """How colleagues know somebody."""

    name = forms.CharField(
        label="Your name",
        help_text="Your colleagues see it beside what you do.",
        max_length=NAME_MAX,
        error_messages={"required": "Please write your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
