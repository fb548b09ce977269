"""What a reviewer does: first they see what the shopper will read, then they do it. One page for every verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recoup.kernel.clock import now
from recoup.kernel.errors import Invalid
from recoup.kernel.money import spoken
from recoup.payments import actions as payments
from recoup.payments import queries as payouts
from recoup.payments.states import PayoutState
from recoup.refunds import actions as refunds
from recoup.refunds import queries as cases
from recoup.refunds.queries import Outlook
from recoup.refunds.states import GoodsState
from recoup.refunds.views import CaseView
from recoup.web import forms
from recoup.web.review import approving, second_person, things, verbs
from recoup.web.review.approving import Offer
from recoup.web.review.second_person import Standing
from recoup.web.review.views import case_of
from recoup.web.staff.desk import Desk, at_desk

_DISAGREE = "If you see it differently, tell us why: a person will read it and answer you."
_ARRIVED_OK = "Your goods have arrived and are in order. Your refund goes on now."
_ARRIVED_ODD = "Your goods have arrived. Something about them needs a person's look; we write to you."


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A verb about to be done: on which case or payment, by whom, with which words and choices."""

    case: CaseView
    desk: Desk
    at: datetime
    payout_id: UUID | None = None
    given: dict[str, Any]
    offer: Offer | None = None

    @property
    def words(self) -> str:
        return str(self.given.get("words", "")).strip()

    @property
    def on_case(self) -> dict[str, Any]:
        return {"case_id": self.case.id, **self.by}

    @property
    def on_payout(self) -> dict[str, Any]:
        return {"payout_id": self.payout_id, **self.by}

    @property
    def by(self) -> dict[str, Any]:
        return {"merchant_id": self.case.merchant_id, "by": self.desk.actor, "at": self.at}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """`told`: what the shopper will read, word for word but for greeting and case number. `do`: the verb itself."""

    told: Callable[[Doing], str]
    do: Callable[[Doing], object]
    form: type[django_forms.Form] = forms.WordsForShopper


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(*verbs.ASKS_FOR.values())
def act(request: HttpRequest, desk: Desk, number: str, verb: str, payout_id: UUID | None = None) -> HttpResponse:
    """One verb on one case or payment: `step=look` shows what the shopper will read, `step=do` does it."""
    case = case_of(desk, number)
    if verb not in (verbs.OF_A_CASE if payout_id is None else verbs.OF_A_PAYMENT):
        raise Http404
    if payout_id is not None:
        _must_be_of(case, payout_id)
    desk.need(verbs.ASKS_FOR[verb], things.of_payment(case, payout_id) if payout_id else things.of_case(case))
    deed, at = _DEEDS[verb], now()
    given = request.POST if request.method == "POST" else None
    standing = second_person.standing(case, desk, at=at) if verb == verbs.APPROVE.code else None
    offer = approving.offer(case, given, at=at, said=standing.good_one) if standing else None
    form = deed.form(given, initial=_as_said(standing))
    told, ahead = "", None
    if form.is_valid() or not form.fields:
        words = form.cleaned_data if form.is_bound else {}
        doing = Doing(case=case, desk=desk, at=at, payout_id=payout_id, given=words, offer=offer)
        try:
            told = deed.told(doing)
            ahead = second_person.ahead(_outlook(doing), standing, desk) if standing else None
            if given is not None and given.get("step") == "do":
                return redirect(f"/review/{number}?done={_done(deed.do(doing), verb)}")
        except Invalid as refusal:
            form.add_error(None, refusal.detail)
            told = ""
    context = {
        "case": case,
        "verb": verbs.ALL[verb],
        "form": form,
        "choices": offer.choices if offer else (),
        "extras": offer.extras if offer else (),
        "told": told,
        "ahead": ahead,
        "limit_words": standing.limit_words if standing else "",
        "yeses": second_person.notices(standing, desk) if standing else (),
        "staff_name": desk.name,
    }
    return render(request, "review/act.html", context, status=422 if form.errors else 200)


def _as_said(standing: Standing | None) -> dict[str, str]:
    """The words that go with a yes are at first those of whoever said it before."""
    return {"words": standing.good_one.note} if standing and standing.good_one else {}


def _done(after: object, verb: str) -> str:
    is_half = isinstance(after, CaseView) and after.waits_for == cases.SECOND_PERSON
    return second_person.HALF_DONE if is_half else verb


def _outlook(doing: Doing) -> Outlook:
    wish = approving.wish(_offered(doing))
    case = doing.case
    return cases.outlook(merchant_id=case.merchant_id, case_id=case.id, by=doing.desk.actor, at=doing.at, **wish)


def _must_be_of(case: CaseView, payout_id: UUID) -> None:
    listed = payouts.payouts_of_case(merchant_id=case.merchant_id, case_id=case.id)
    if payout_id not in {payout.id for payout in listed}:
        raise Http404


def _approve(doing: Doing) -> object:
    wish = approving.wish(_offered(doing))
    return refunds.approve(by_email=doing.desk.email, note=doing.words, **wish, **doing.on_case)


def _approval(doing: Doing) -> str:
    wish = approving.wish(_offered(doing))
    case = doing.case
    approval = cases.preview_approval(merchant_id=case.merchant_id, case_id=case.id, at=doing.at, **wish)
    if approval.new_minor <= 0:
        raise Invalid("Nothing would be paid. If that is right, reject the case instead.")
    return approving.told(approval, asked_minor=doing.case.amount_requested_minor, words=doing.words)


def _offered(doing: Doing) -> Offer:
    if doing.offer is None:
        raise Http404
    return doing.offer


def _call_off(doing: Doing) -> None:
    """First the payment, then the case: whoever repeats it after the first half finds the case's own verbs."""
    payments.cancel_payout(**doing.on_payout)
    refunds.call_off(reason=doing.words, **doing.on_case)


def _called_off(doing: Doing) -> str:
    listed = payouts.payouts_of_case(merchant_id=doing.case.merchant_id, case_id=doing.case.id)
    left = [leg for leg in listed if leg.id != doing.payout_id and leg.state is not PayoutState.CANCELED]
    if not left:
        return f"We cannot approve this refund.\n{doing.words}\n{_DISAGREE}"
    sum_left = spoken(sum(leg.amount_minor for leg in left), doing.case.currency)
    return f"Approved in part: {sum_left}.\n{doing.words}\n{_DISAGREE}"


_DEEDS: dict[str, Deed] = {
    "approve": Deed(form=forms.NoteOnApproval, told=_approval, do=_approve),
    "reject": Deed(
        told=lambda doing: f"We cannot approve this refund.\n{doing.words}\n{_DISAGREE}",
        do=lambda doing: refunds.reject(reason=doing.words, **doing.on_case),
    ),
    "ask-evidence": Deed(
        told=lambda doing: f"We need one more thing from you.\n{doing.words}\nYou have 14 days.",
        do=lambda doing: refunds.ask_evidence(asks=["item"], words=doing.words, **doing.on_case),
    ),
    "ask-goods": Deed(
        told=lambda doing: f"Please send the goods back.\n{doing.words}\nYou have 30 days.",
        do=lambda doing: refunds.ask_goods(words=doing.words, **doing.on_case),
    ),
    "grade-goods": Deed(
        form=forms.Grade,
        told=lambda doing: _ARRIVED_OK if doing.given["grade"] == GoodsState.GRADED_OK else _ARRIVED_ODD,
        do=lambda doing: refunds.grade_goods(grade=GoodsState(doing.given["grade"]), **doing.on_case),
    ),
    "retry": Deed(
        form=forms.NothingToSay,
        told=lambda _: "Nothing yet. Once the provider has accepted it, they read: your money is on its way.",
        do=lambda doing: payments.retry_payout(**doing.on_payout),
    ),
    "call-off": Deed(told=_called_off, do=_call_off),
    "look-again": Deed(
        form=forms.NothingToSay,
        told=lambda _: "Nothing yet. If the money was sent after all, they read: your money is on its way.",
        do=lambda doing: payments.release_payout(**doing.on_payout),
    ),
}
