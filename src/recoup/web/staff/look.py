"""How a company's own page looks, and how its customers get there: shown to auditors, set by managers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recoup.access.resources import Company
from recoup.kernel.clock import now
from recoup.merchants import actions as merchants
from recoup.merchants import queries as companies
from recoup.merchants.actions.set_look import COLOUR, WELCOME_MAX, NewLogo
from recoup.web.shopper import own_page
from recoup.web.staff import logos
from recoup.web.staff.desk import Desk, at_desk

DONE = "Your page looks so from now on."


class LookForm(forms.Form):
    """Logo, colour and welcome."""

    logo = forms.FileField(
        label="Logo",
        help_text="PNG, JPEG or WebP. It is shown on white.",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    no_logo = forms.BooleanField(label="Show no logo", required=False)
    colour = forms.CharField(
        label="Colour",
        help_text="Like #0a6355. Empty: ours. What is written on it is black or white, whichever is read better.",
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    welcome = forms.CharField(
        label="Welcome",
        help_text="One sentence for your customers. It may be empty.",
        required=False,
        max_length=WELCOME_MAX,
    )

    def clean_colour(self) -> str:
        typed = str(self.cleaned_data["colour"]).strip().lower()
        if typed and not COLOUR.fullmatch(typed):
            raise forms.ValidationError("Write a colour as # and six digits, like #0a6355, or leave it empty.")
        return typed

    def clean_logo(self) -> NewLogo | None:
        file: UploadedFile[bytes] | None = self.cleaned_data["logo"]
        if file is None:
            return None
        try:
            return logos.cleaned(file.read(logos.SIZE_MAX + 1))
        except logos.LogoRefused as refusal:
            raise forms.ValidationError(f"{refusal.detail}. The logo stays as it was.") from None


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk("settings:read", "settings:write")
def look(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page's address, its QR code, the button for the company's own site; a manager changes how it looks."""
    desk.need("settings:read", Company(desk.company.id))
    seen = companies.look_of(desk.company.id)
    if request.method != "POST":
        return _page(request, desk, LookForm(initial={"colour": seen.colour, "welcome": seen.welcome}), seen)
    desk.need("settings:write", Company(desk.company.id))
    form = LookForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, form, seen)
    asked = form.cleaned_data
    merchants.set_look(
        merchant_id=desk.company.id,
        colour=asked["colour"],
        welcome=asked["welcome"],
        new_logo=NewLogo() if asked["no_logo"] else asked["logo"],
        by=desk.actor,
        at=now(),
    )
    return redirect("/staff/look?done=look")


def _page(request: HttpRequest, desk: Desk, form: LookForm, seen: companies.LookNow) -> HttpResponse:
    slug = desk.company.slug
    context: dict[str, Any] = {
        "company": desk.company,
        "staff_name": desk.name,
        "form": form,
        "look": seen,
        "address": own_page.address(slug),
        "snippet": own_page.snippet(slug),
        "may_change": desk.may("settings:write"),
        "done": DONE if request.GET.get("done") == "look" else "",
    }
    return render(request, "staff/look.html", context, status=422 if form.errors else 200)
