"""A case's pages for the shopper: see it, show more, withdraw, disagree. Seeing needs the address proved by a code."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recoup.access import doors, limits
from recoup.access.principals import Principal
from recoup.access.resources import Case
from recoup.identity import actions as identity
from recoup.kernel import ids
from recoup.kernel.clock import now
from recoup.kernel.errors import NotFound
from recoup.merchants import queries as merchants
from recoup.orders import queries as orders
from recoup.payments import queries as payments
from recoup.payments.states import AlreadySending
from recoup.refunds import actions as refunds
from recoup.refunds import queries as cases
from recoup.refunds.policy import Verdict
from recoup.refunds.views import CaseView
from recoup.web.account import contacts
from recoup.web.account.contacts import Contact
from recoup.web.forms import Disagree, EnterCode, FindCase, ShowMore
from recoup.web.shopper import guest_codes, my_cases, passes, photos
from recoup.web.shopper.case_page import Rows, case_page, is_persons
from recoup.web.shopper.even_time import even_time

_ASKED = "case_asked"


class Locked(NotFound):
    """Nobody with this browser has proved the case's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A case whose visitor has proved its address. `by` is how events name the visitor."""

    by: str
    case: CaseView
    company: merchants.Company


@doors.open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Case number and e-mail or mobile number; a code is sent. The answer is the same whether there is
    such a case. Whoever is signed in sees their refunds above it.
    """
    form = FindCase(request.POST or None, initial={"number": request.GET.get("number", "")[:40]})
    if request.method == "POST" and form.is_valid():
        number = ids.read_case_number(form.cleaned_data["number"])
        if number is None:
            form.add_error("number", gettext("That is not a case number. It looks like RC-7K3M-9QXD-4."))
        else:
            request.session[_ASKED] = [number, form.found.account]
            try:
                _send_code(request, number, form.found)
            except limits.RateLimited as refusal:
                form.add_error(None, gettext(refusal.detail))
            else:
                return redirect("/cases/code")
    mine = my_cases.mine(request)
    listed = {row.number for row in mine.rows} if mine else set()
    known = [number for number in passes.known_cases(request) if number not in listed]
    context = {"form": form, "known": known, "mine": mine}
    return render(request, "cases/find.html", context, status=422 if form.errors else 200)


@doors.open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code comes back, and the case opens."""
    asked = request.session.get(_ASKED)
    if not asked:
        return redirect("/cases")
    number, contact = asked[0], contacts.kept(asked[1])
    form = EnterCode(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with even_time():
            is_right = _accept(request, number, contact, form.cleaned_data["code"])
        if is_right:
            del request.session[_ASKED]
            return redirect(f"/cases/{number}")
        form.add_error("code", gettext(identity.CodeWrong.title))
    context = {
        "form": form,
        "step": None,
        "contact": contact.shown,
        "is_text": bool(contact.phone),
        "minutes": guest_codes.MINUTES,
        "again_url": "/cases/code/again",
        "back_url": "/cases",
        "is_resent": request.GET.get("sent") == "again",
    }
    return render(request, "shopper/code.html", context, status=422 if form.errors else 200)


@doors.open_to_all
@require_POST
def code_again(request: HttpRequest) -> HttpResponse:
    """A new code for the case that was asked for."""
    asked = request.session.get(_ASKED)
    if not asked:
        return redirect("/cases")
    with contextlib.suppress(limits.RateLimited):  # the page says what it says: the newest code is good
        _send_code(request, asked[0], contacts.kept(asked[1]))
    return redirect("/cases/code?sent=again")


@doors.declares("cases:read")
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    """The case as it stands."""
    return _on_case(request, number, "cases/case.html")


@doors.declares("cases:read")
@require_safe
def show_now(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the page that changes, for the page itself to fetch."""
    return _on_case(request, number, "cases/now.html")


@doors.declares("cases:answer")
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, number: str) -> HttpResponse:
    """Photos and words that were asked for."""
    seen = _see(request, number, "cases:answer")
    if seen is None:
        return _to_door(number)
    form = ShowMore()
    if request.method == "POST":
        form = ShowMore(request.POST, request.FILES)
        kept = _photos(form, seen) if form.is_valid() else []
        if form.is_valid():
            refunds.add_evidence(
                merchant_id=seen.company.id,
                case_id=seen.case.id,
                photos=[photos.from_kept(photo) for photo in kept],
                words=form.cleaned_data["words"],
                by=seen.by,
                at=now(),
            )
            return redirect(f"/cases/{number}")
    return _form_page(request, "cases/evidence.html", seen, form)


@doors.declares("cases:withdraw")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """The shopper is asked once more, then the request is withdrawn. A grant is undone as long as nothing was sent."""
    seen = _see(request, number, "cases:withdraw")
    if seen is None:
        return _to_door(number)
    if request.method == "POST":
        try:
            refunds.withdraw(merchant_id=seen.company.id, case_id=seen.case.id, by=seen.by, at=now())
        except (AlreadySending, refunds.MoveNotAllowed):
            return redirect(f"/cases/{number}?undo=late")
        return redirect(f"/cases/{number}")
    return render(request, "cases/withdraw.html", {"case": _page(seen)})


@doors.declares("cases:appeal")
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, number: str) -> HttpResponse:
    """Why do you disagree? The words go to a person, with photos when there are some."""
    seen = _see(request, number, "cases:appeal")
    if seen is None:
        return _to_door(number)
    form = Disagree()
    if request.method == "POST":
        form = Disagree(request.POST, request.FILES)
        kept = _photos(form, seen) if form.is_valid() else []
        if form.is_valid():
            given: dict[str, Any] = {
                "merchant_id": seen.company.id,
                "case_id": seen.case.id,
                "by": seen.by,
                "at": now(),
            }
            refunds.appeal(words=form.cleaned_data["words"], **given)
            if kept:
                photos.attach(kept, **given)
            return redirect(f"/cases/{number}")
    return _form_page(request, "cases/appeal.html", seen, form)


def _on_case(request: HttpRequest, number: str, template: str) -> HttpResponse:
    seen = _see(request, number, "cases:read")
    if seen is None:
        return _to_door(number)
    return render(request, template, {"case": _page(seen), "is_too_late": request.GET.get("undo") == "late"})


def _form_page(request: HttpRequest, template: str, seen: _Seen, form: Any) -> HttpResponse:
    return render(request, template, {"case": _page(seen), "form": form}, status=422 if form.errors else 200)


def _see(request: HttpRequest, number: str, action: str) -> _Seen | None:
    """The case, when somebody whom this browser has proved to be may do that with it; None otherwise."""
    found = cases.find_by_number(number)
    if found is None:
        return None
    merchant_id, case_id = found
    case = cases.case_by_id(merchant_id=merchant_id, case_id=case_id)
    who = _who_may(request, action, case)
    if who is None:
        return None
    return _Seen(by=passes.actor(who), case=case, company=merchants.by_id(merchant_id))


def _who_may(request: HttpRequest, action: str, case: CaseView) -> Principal | None:
    """Whoever has proved the case's address, or the number of its order."""
    thing = Case(company=case.merchant_id, case=case.id, email=case.email)
    who = passes.who_may(request, action, thing, at=now())
    if who is None and any("@" not in contact for contact in passes.contacts(request, at=now())):
        phone = _phone_of(case)
        who = passes.who_may(request, action, replace(thing, email=phone), at=now()) if phone else None
    return who


def _phone_of(case: CaseView) -> str:
    return orders.phone_of(merchant_id=case.merchant_id, order_id=case.order_id) if case.order_id else ""


def _to_door(number: str) -> HttpResponse:
    return redirect(f"/cases?number={number}")


def _page(seen: _Seen) -> Any:
    which: dict[str, Any] = {"merchant_id": seen.company.id, "case_id": seen.case.id}
    decision = cases.last_decision(**which)
    return case_page(
        Rows(
            case=seen.case,
            company=seen.company,
            happened=cases.timeline(**which),
            payouts=payments.payouts_of_case(**which),
            verdict=Verdict.from_mapping(decision.verdict) if decision else None,
            granted=cases.can_be_granted(**which, at=now()) if is_persons(seen.case) else None,
        )
    )


def _photos(form: Any, seen: _Seen) -> list[dict[str, Any]]:
    kept, problems = photos.keep_all(form.cleaned_data.get("photos") or [], merchant_id=seen.company.id)
    for problem in problems:
        form.add_error("photos", problem)
    return kept


def _send_code(request: HttpRequest, number: str, contact: Contact) -> None:
    """A code for the case's address or number. No such case, or somebody else's: the same page, and no mail.

    Raises RateLimited, which is counted before anything is looked up: that it comes says nothing either.
    """
    with even_time():
        _send_code_now(request, number, contact)


def _send_code_now(request: HttpRequest, number: str, contact: Contact) -> None:
    asked = limits.spend(bucket="codes.pair", subject=f"case {number} {contact.account}", at=now())
    asked.or_refuse(identity.TooManyCodes.title)
    guest_codes.spend(request, contact, at=now())
    found = cases.find_by_number(number)
    if found is None:
        return
    merchant_id, case_id = found
    case = cases.case_by_id(merchant_id=merchant_id, case_id=case_id)
    if contact.account not in (case.email.lower(), _phone_of(case) if contact.phone else ""):
        return
    company = merchants.by_id(merchant_id)
    with contextlib.suppress(identity.TooManyCodes):
        about = gettext("case {number}").format(number=number)
        guest_codes.write(contact, company=company, subject=number, about=about, at=now())


def _accept(request: HttpRequest, number: str, contact: Contact, digits: str) -> bool:
    found = cases.find_by_number(number)
    if found is None:
        return False
    merchant_id, _ = found
    token = identity.accept_code(
        merchant_id=merchant_id, order_number=number, contact=contact.account, code=digits, at=now(), order_id=None
    )
    if token is None:
        return False
    passes.add(request, token)
    passes.remember_case(request, merchant_id=merchant_id, number=number)
    return True
