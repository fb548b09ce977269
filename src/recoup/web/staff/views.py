"""Signing in and out."""

from __future__ import annotations

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from recoup.web.forms import StaffSignIn


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password; then on to where the person wanted to go. One answer for every kind of wrong."""
    wanted = _safe(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated and request.method != "POST":
        return redirect(wanted)
    form = StaffSignIn(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        person = auth.authenticate(request, username=email, password=form.cleaned_data["password"])
        if person is not None:
            auth.login(request, person)
            return redirect(wanted)
        form.add_error("password", "This e-mail and password do not belong together. Please check both.")
    context = {"form": form, "next": wanted}
    return render(request, "staff/sign_in.html", context, status=422 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Nobody is signed in with this browser afterwards."""
    auth.logout(request)
    return redirect("/staff/sign-in")


def _safe(request: HttpRequest, wanted: str) -> str:
    """An address of our own, never somebody else's."""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and is_ours else "/review"
