"""The way to a company's own sign-in: an address of work, then on to where that company's people always sign in."""

from __future__ import annotations

import secrets

from allauth.socialaccount.providers.base.constants import AuthProcess
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from recoup.access import doors
from recoup.identity import providers
from recoup.web.account.company_providers import app_of

_TICKET = "company-sign-in"


class WorkAddress(forms.Form):
    """Where somebody works, told by their address."""

    email = forms.EmailField(
        label="Your e-mail at work",
        max_length=254,
        error_messages={"required": "Please enter your e-mail at work."},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "inputmode": "email"}),
    )


@doors.open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Which company's sign-in it is; from there the person goes on by a link that only this browser has."""
    form = WorkAddress(request.POST or None)
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if request.method == "POST" and form.is_valid():
        provider = providers.of_address(form.cleaned_data["email"])
        if provider is not None:
            ticket = secrets.token_urlsafe(16)
            request.session[_TICKET] = {"ticket": ticket, "slug": provider.slug, "next": wanted}
            return render(request, "account/company_found.html", {"provider": provider, "ticket": ticket})
        form.add_error("email", "No company here has a sign-in of its own for that address. Sign in with it directly.")
    context = {"form": form, "next": wanted}
    return render(request, "account/company_find.html", context, status=422 if form.errors else 200)


@doors.open_to_all
@require_safe
def go(request: HttpRequest, ticket: str) -> HttpResponse:
    """Off to the company's provider, once. Nobody else's page can send a browser there: it does not know the ticket."""
    kept = request.session.pop(_TICKET, {})
    if not secrets.compare_digest(kept.get("ticket", ""), ticket) or not ticket:
        return redirect("company_sign_in")
    provider = providers.of_company(kept["slug"])
    if provider is None:
        return redirect("company_sign_in")
    at_allauth = app_of(provider).get_provider(request)
    away: HttpResponse = at_allauth.redirect(
        request, process=AuthProcess.LOGIN, next_url=kept["next"] or settings.LOGIN_REDIRECT_URL
    )
    return away
