"""`/device`: somebody types the letters that a booth shows, sees what it asks for, and says yes or no."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from recoup.access import doors, limits
from recoup.access.routes_of_others import OWN
from recoup.identity import actions, company_apps
from recoup.identity.grants import Grant
from recoup.kernel import clock
from recoup.web.oauth import standing, words


class LettersForm(forms.Form):
    """What the screen of the device shows."""

    user_code = forms.CharField(
        label="Letters on the device",
        help_text="Eight letters, such as WDJB-MJHT. Capitals or not, with or without the dash.",
        max_length=20,
        error_messages={"required": "Please type the letters that the device shows."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


@doors.declares(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """First the letters, then the question, then what was answered. Looking changes nothing."""
    at = clock.now()
    told = request.POST if request.method == "POST" else request.GET
    form = LettersForm(told if "user_code" in told else None)
    if not form.is_valid():
        return _ask_for_letters(request, form)
    limits.spend(bucket="device.person", subject=str(request.user.pk), at=at).or_refuse()
    waiting = company_apps.device_waiting(form.cleaned_data["user_code"], at=at)
    if waiting is None:
        form.add_error("user_code", "No device waits under these letters. They are good for ten minutes; look again.")
        return _ask_for_letters(request, form)
    here = standing.of(request, merchant_id=waiting.merchant_id)
    if isinstance(here, HttpResponse):
        return here
    if request.method == "POST":
        return _answered(request, waiting, here, is_yes=told["answer"] == "yes", at=at)
    context = {
        "waiting": waiting,
        "here": here,
        "user_code": form.cleaned_data["user_code"].upper(),
        "lines": words.of_scopes(waiting.scopes),
    }
    return render(request, "oauth/device_question.html", context)


def _answered(
    request: HttpRequest, waiting: Grant, here: standing.AtThePage, *, is_yes: bool, at: datetime
) -> HttpResponse:
    facts: dict[str, Any] | None = None
    if is_yes:
        facts = standing.facts(request, here, scopes=list(waiting.scopes), at=at)
    was_heard = actions.answer_device(
        merchant_id=waiting.merchant_id,
        token_id=waiting.token_id,
        app_id=waiting.app_id,
        person_id=here.person.pk,
        facts=facts,
        at=at,
    )
    context = {"waiting": waiting, "is_yes": is_yes, "was_heard": was_heard}
    return render(request, "oauth/device_answered.html", context)


def _ask_for_letters(request: HttpRequest, form: LettersForm) -> HttpResponse:
    return render(request, "oauth/device.html", {"form": form}, status=422 if form.errors else 200)
