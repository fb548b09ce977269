"""A payment failed: a reviewer tries it again, or calls it off with a reason the shopper will read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recoup.kernel.clock import now
from recoup.payments import actions as payments
from recoup.payments import queries as payouts
from recoup.refunds import actions as refunds
from recoup.refunds.views import CaseView
from recoup.web import forms
from recoup.web.review.view_models import Verb
from recoup.web.review.views import case_of
from recoup.web.staff.desk import Desk, at_desk

_RETRY = Verb(
    code="retry",
    words="Try again",
    question="Try this payment again?",
    button="Try again",
    told="They read that the money was sent, once it was.",
)
_CALL_OFF = Verb(
    code="call-off",
    words="Call it off",
    question="Why is this payment called off?",
    button="Call off and tell the shopper",
    told="They read your reason, and are asked why they disagree.",
    weight="grave",
)


@require_http_methods(["GET", "POST"])
@at_desk
def retry(request: HttpRequest, desk: Desk, number: str, payout_id: UUID) -> HttpResponse:
    """The payment is queued again, with a key of its own."""
    case = case_of(desk, number)
    _must_be_of(case, payout_id)
    if request.method == "POST":
        payments.retry_payout(merchant_id=desk.company.id, payout_id=payout_id, by=desk.actor, at=now())
        return redirect(f"/review/{number}?done=retry")
    told = "Nothing yet. Once the provider has accepted it, they read: your money is on its way."
    return _page(request, desk, case, _RETRY, form=None, told=told)


@require_http_methods(["GET", "POST"])
@at_desk
def call_off(request: HttpRequest, desk: Desk, number: str, payout_id: UUID) -> HttpResponse:
    """The payment will not be sent, and the case is rejected with a reason."""
    case = case_of(desk, number)
    _must_be_of(case, payout_id)
    form = forms.WordsForShopper(request.POST or None)
    told = ""
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        if request.POST.get("step") == "do":
            by: dict[str, Any] = {"merchant_id": desk.company.id, "by": desk.actor, "at": now()}
            payments.cancel_payout(payout_id=payout_id, **by)
            refunds.call_off(case_id=case.id, reason=words, **by)
            return redirect(f"/review/{number}?done=call-off")
        told = f"We cannot pay this refund.\n{words}"
    return _page(request, desk, case, _CALL_OFF, form=form, told=told)


def _must_be_of(case: CaseView, payout_id: UUID) -> None:
    listed = payouts.payouts_of_case(merchant_id=case.merchant_id, case_id=case.id)
    if str(payout_id) not in {str(payout.id) for payout in listed}:
        raise Http404


def _page(
    request: HttpRequest, desk: Desk, case: CaseView, verb: Verb, *, form: forms.WordsForShopper | None, told: str
) -> HttpResponse:
    context = {"case": case, "verb": verb, "form": form or (), "lines": (), "told": told, "staff_name": desk.name}
    return render(request, "review/act.html", context, status=422 if form is not None and form.errors else 200)
