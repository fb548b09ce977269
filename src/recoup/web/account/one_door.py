"""The one door: an address or a number, a code, in. Whoever has no account yet has one after their first code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recoup.access import doors
from recoup.access.limits import RateLimited
from recoup.identity import actions as identity
from recoup.kernel import clock
from recoup.web.account import codes, company_providers
from recoup.web.account.contacts import Contact, Door, takes_numbers
from recoup.web.forms import EnterCode

PURPOSE = "sign-in"


class SignIn(LoginView):  # type: ignore[misc]
    """The page: a code first, a passkey and a password as other ways. A form with a password is allauth's own."""

    def post(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if "password" in request.POST:
            answer: HttpResponse = super().post(request, *args, **more)
            return answer
        self.door = Door(_told(request))
        if self.door.is_valid():
            try:
                return _to_the_code(request, self.door.contact)
            except RateLimited as refusal:
                self.door.add_error(None, refusal.detail)
        context = self.get_context_data(form=self.get_form_class()(request=request))
        shown: HttpResponse = self.render_to_response(context, status=422)
        return shown

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**more)
        context["door"] = getattr(self, "door", None) or Door()
        context["takes_numbers"] = takes_numbers()
        context["is_password"] = "password" in self.request.POST
        return context


sign_in = doors.open_to_all(SignIn.as_view())


@doors.open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The same door where codes were asked for before there was one door, and where django-allauth has its sign-up.

    Its form would compute a password's hash for a new address only, and so tell from its time which ones are known.
    """
    if request.method == "POST":
        answer: HttpResponse = sign_in(request)
        return answer
    wanted = get_next_redirect_url(request)
    return redirect(f"/account/login/{'?' + urlencode({'next': wanted}) if wanted else ''}")


@doors.open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The code comes back."""
    at = clock.now()
    waiting = codes.asked(request, purpose=PURPOSE, at=at)
    if waiting is None:
        return redirect("account_login")
    contact, wanted = waiting
    if request.POST.get("action") == "resend":
        return _send_again(request, contact, wanted)
    form = EnterCode(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if codes.is_right(request, form.cleaned_data["code"], purpose=PURPOSE, at=at):
                return _come_in(request, contact, wanted)
            form.add_error("code", codes.WRONG)
        except RateLimited as refusal:
            form.add_error(None, refusal.detail)
    context = {
        "form": form,
        "contact": contact,
        "minutes": codes.MINUTES,
        "sent": request.GET.get("sent", ""),
        "again_url": "/account/login/code/confirm/",
        "back_url": "/account/login/",
    }
    return render(request, "account/enter_code.html", context, status=422 if form.errors else 200)


def _told(request: HttpRequest) -> dict[str, str]:
    """Apps and old bookmarks name the field as it was named before."""
    typed = next((request.POST[name] for name in ("login", "email", "phone") if request.POST.get(name)), "")
    return {"login": typed, "country": request.POST.get("country", "")}


def _to_the_code(request: HttpRequest, contact: Contact) -> HttpResponse:
    codes.send(request, contact, purpose=PURPOSE, at=clock.now(), after=get_next_redirect_url(request) or "")
    return redirect("account_confirm_login_code")


def _send_again(request: HttpRequest, contact: Contact, wanted: str) -> HttpResponse:
    try:
        codes.send(request, contact, purpose=PURPOSE, at=clock.now(), after=wanted)
    except RateLimited:
        return redirect("/account/login/code/confirm/?sent=enough")
    return redirect("/account/login/code/confirm/?sent=again")


def _come_in(request: HttpRequest, contact: Contact, wanted: str) -> HttpResponse:
    """Whoever the contact belongs to signs in, by allauth's own stages: a second factor is still asked for."""
    if contact.email and company_providers.must_go_to_company(request, contact.email):
        return redirect(f"/account/company/?{urlencode({'next': wanted})}")
    person_id = identity.enter_by_code(email=contact.email, phone=contact.phone, at=clock.now())
    person = get_user_model().objects.get(pk=person_id)
    record_authentication(request, person, method="code", email=contact.email or None, phone=contact.phone or None)
    login = Login(user=person, redirect_url=wanted or None, email=contact.email or None)
    answer: HttpResponse = perform_login(request, login)
    return answer
