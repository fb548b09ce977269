"""The page of one's own phone number: add one, change it, take it away, each after a fresh proof and with notices."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import (
    did_recently_reauthenticate,
    get_reauthentication_flows,
    suspend_request,
)
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recoup.access import doors
from recoup.access.limits import RateLimited
from recoup.access.routes_of_others import OWN
from recoup.identity import actions as identity
from recoup.kernel import clock, phone_numbers
from recoup.kernel.errors import Refusal
from recoup.notifications import actions as notifications
from recoup.web.account import codes, contacts, notices
from recoup.web.account.contacts import Contact, NewNumber
from recoup.web.forms import EnterCode

NEW, PROOF = "new-number", "proof"
_BACK_TO = "proved_for"


@doors.declares(OWN)
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """The number as it is, and a form for another. A code goes to the new one; until it comes back nothing changes."""
    first = prove_first(request)
    if first is not None:
        return first
    person: Any = request.user
    if request.POST.get("action") == "remove":
        return _keep(request, "")
    form = NewNumber(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes.send(request, form.contact, purpose=NEW, at=clock.now())
            return redirect("account_phone_confirm")
        except RateLimited as refusal:
            form.add_error(None, refusal.detail)
    context = {
        "form": form,
        "takes_numbers": contacts.takes_numbers(),
        "number": phone_numbers.as_people_write(person.phone) if person.phone else "",
        "may_remove": bool(person.phone and person.email),
    }
    return render(request, "account/phone.html", context, status=422 if form.errors else 200)


@doors.declares(OWN)
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The code comes back from the new number: it opens the account from now on, and the old one does not."""
    first = prove_first(request)
    if first is not None:
        return first
    at = clock.now()
    waiting = codes.asked(request, purpose=NEW, at=at)
    if waiting is None:
        return redirect("account_phone")
    contact, _ = waiting
    form, is_right = _typed(request, NEW)
    if is_right:
        return _keep(request, contact.phone)
    return _enter_code(request, form, contact, again_url="/account/phone/", back_url="/account/phone/")


@doors.declares(OWN)
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Who has neither password nor second factor proves with a code that what they signed in with is still theirs."""
    person: Any = request.user
    contact = Contact(email=person.email) if person.email else contacts.of_number(person.phone)
    at = clock.now()
    waiting = codes.asked(request, purpose=PROOF, at=at)
    if waiting is None or request.POST.get("action") == "resend":
        try:
            codes.send(request, contact, purpose=PROOF, at=at)
        except RateLimited as refusal:
            messages.error(request, refusal.detail)
            return redirect("/account/")
    form, is_right = _typed(request, PROOF)
    if is_right:
        record_authentication(request, person, method="code", reauthenticated=True)
        return redirect(request.session.pop(_BACK_TO, "/account/phone/"))
    return _enter_code(request, form, contact, again_url="/account/phone/prove/", back_url="/account/")


def prove_first(request: HttpRequest, *, back_to: str = "") -> HttpResponse | None:
    """Where to go for a fresh proof, and from there back to a page of the account; None when there is one."""
    person: Any = request.user
    if get_reauthentication_flows(person):
        if did_recently_reauthenticate(request):
            return None
        ways = get_adapter().get_reauthentication_methods(person)
        away: HttpResponse = suspend_request(request, ways[0]["url"])
        return away
    return _prove_by_code(request, back_to or "/account/phone/")


def prove_first_by_code(request: HttpRequest) -> HttpResponse | None:
    """The same for pages of others, and only for who has neither password nor second factor."""
    if request.user.is_anonymous or get_reauthentication_flows(request.user):
        return None
    is_page = request.path.startswith(("/account/2fa/", "/account/email/"))
    return _prove_by_code(request, request.path if is_page else "/account/3rdparty/")


def _prove_by_code(request: HttpRequest, back_to: str) -> HttpResponse | None:
    newest = max((record["at"] for record in get_authentication_records(request, request.user)), default=0)
    is_fresh = time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT
    if is_fresh:
        return None
    request.session[_BACK_TO] = back_to
    return redirect("account_phone_prove")


def _typed(request: HttpRequest, purpose: str) -> tuple[EnterCode, bool]:
    is_code = request.method == "POST" and "code" in request.POST
    form = EnterCode(request.POST if is_code else None)
    if not (is_code and form.is_valid()):
        return form, False
    try:
        if codes.is_right(request, form.cleaned_data["code"], purpose=purpose, at=clock.now()):
            return form, True
        form.add_error("code", codes.WRONG)
    except RateLimited as refusal:
        form.add_error(None, refusal.detail)
    return form, False


def _enter_code(
    request: HttpRequest, form: EnterCode, contact: Contact, *, again_url: str, back_url: str
) -> HttpResponse:
    context = {
        "form": form,
        "contact": contact,
        "minutes": codes.MINUTES,
        "sent": "",
        "again_url": again_url,
        "back_url": back_url,
    }
    return render(request, "account/enter_code.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, number: str) -> HttpResponse:
    """The number is kept, and both contacts are told; the mail has a link that gives the old number back."""
    person: Any = request.user
    at = clock.now()
    try:
        before = identity.set_phone(person_id=person.pk, phone=number, at=at)
    except Refusal as refusal:
        messages.error(request, f"{refusal.title}.")
        return redirect("account_phone")
    if before != number:
        if person.email:
            notices.tell(
                person,
                notices.Change.PHONE_CHANGED,
                old=phone_numbers.hidden(before) if before else "none",
                new=phone_numbers.hidden(number) if number else "none",
                old_phone=before,
            )
        if before and contacts.takes_numbers():
            notifications.write_text(kind=notifications.Text.PHONE_CHANGED, to=before, facts={}, at=at)
    messages.success(request, "Your number is saved." if number else "Your number was taken away.")
    return redirect("/account/")
