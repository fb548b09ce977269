"""What a reviewer does: first they see what the shopper will read, then they do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recoup.kernel.clock import now
from recoup.kernel.errors import Invalid
from recoup.kernel.money import NotAnAmount, minor_from_text, spoken
from recoup.orders import queries as orders
from recoup.refunds import actions as refunds
from recoup.refunds.states import GoodsState
from recoup.refunds.views import CaseView
from recoup.web import forms
from recoup.web.review import reading, verbs
from recoup.web.review.view_models import Line
from recoup.web.review.views import case_of
from recoup.web.staff.desk import Desk, at_desk

_DISAGREE = "If you see it differently, tell us why: a person will read it and answer you."
_GRADED = {
    "graded_ok": "Your goods have arrived and are in order. Your refund goes on now.",
    "graded_damaged": "Your goods have arrived. Something about them needs a person's look; we write to you.",
    "graded_wrong": "Your goods have arrived. Something about them needs a person's look; we write to you.",
    "graded_missing": "Your goods have arrived. Something about them needs a person's look; we write to you.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Granting:
    """What a reviewer would pay: line id -> minor units, and the words for it."""

    amounts: dict[UUID, int]
    total: str
    is_whole: bool


@require_http_methods(["GET", "POST"])
@at_desk
def act(request: HttpRequest, desk: Desk, number: str, verb: str) -> HttpResponse:
    """One verb on one case: `step=look` shows what the shopper will read, `step=do` does it."""
    if verb not in verbs.ALL:
        raise Http404
    case = case_of(desk, number)
    lines = reading.lines(case) if verb == "approve" else ()
    form = _FORMS[verb](request.POST or None)
    told = ""
    if request.method == "POST":
        lines = _as_typed(lines, request.POST)
        if form.is_valid():
            try:
                granting = _granting(case, lines) if verb == "approve" else None
                told = _told(verb, form.cleaned_data, granting)
                if request.POST.get("step") == "do":
                    _do(verb, case, desk, form.cleaned_data, granting, at=now())
                    return redirect(f"/review/{number}?done={verb}")
            except Invalid as refusal:
                form.add_error(None, refusal.detail)
                told = ""
    context = {
        "case": case,
        "verb": verbs.ALL[verb],
        "form": form,
        "lines": lines,
        "told": told,
        "staff_name": desk.name,
    }
    return render(request, "review/act.html", context, status=422 if form.errors else 200)


_FORMS: dict[str, type[django_forms.Form]] = {
    "approve": forms.NoteOnApproval,
    "reject": forms.WordsForShopper,
    "ask-evidence": forms.WordsForShopper,
    "ask-goods": forms.WordsForShopper,
    "grade-goods": forms.Grade,
}


def _do(
    verb: str, case: CaseView, desk: Desk, given: dict[str, Any], granting: Granting | None, *, at: datetime
) -> None:
    by: dict[str, Any] = {"merchant_id": case.merchant_id, "case_id": case.id, "by": desk.actor, "at": at}
    words = given.get("words", "")
    if granting is not None:
        refunds.approve(by_email=desk.email, amounts=granting.amounts, note=words, **by)
        return
    deeds: dict[str, Callable[[], object]] = {
        "reject": lambda: refunds.reject(reason=words, **by),
        "ask-evidence": lambda: refunds.ask_evidence(asks=["item"], words=words, **by),
        "ask-goods": lambda: refunds.ask_goods(words=words, **by),
        "grade-goods": lambda: refunds.grade_goods(grade=GoodsState(given["grade"]), **by),
    }
    deeds[verb]()


def _told(verb: str, given: dict[str, Any], granting: Granting | None) -> str:
    """What the shopper will read, word for word but for greeting and case number."""
    words = given.get("words", "").strip()
    if granting is not None:
        head = f"Approved{'' if granting.is_whole else ' in part'}: {granting.total}."
        return f"{head}\n{words or 'A person looked at your case and approved it.'}"
    if verb == "reject":
        return f"We cannot approve this refund.\n{words}\n{_DISAGREE}"
    if verb == "grade-goods":
        return _GRADED[given["grade"]]
    days = "You have 14 days." if verb == "ask-evidence" else "You have 30 days."
    head = "We need one more thing from you." if verb == "ask-evidence" else "Please send the goods back."
    return f"{head}\n{words}\n{days}"


def _as_typed(lines: tuple[Line, ...], given: QueryDict) -> tuple[Line, ...]:
    ticked = set(given.getlist("line"))
    return tuple(
        replace(
            line,
            is_chosen=line.key in ticked,
            chosen=_count(given.get(f"many-{line.key}", ""), line.asked),
            less=given.get(f"less-{line.key}", "").strip()[:20],
        )
        for line in lines
    )


def _count(typed: str, most: int) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 9 and 1 <= int(typed) <= most else most


def _granting(case: CaseView, lines: tuple[Line, ...]) -> Granting:
    """The sums of the chosen lines. Raises Invalid with the line that is wrong."""
    chosen = [line for line in lines if line.is_chosen]
    if not chosen or case.order_id is None:
        raise Invalid("Please tick at least one article.")
    order = orders.order_by_id(merchant_id=case.merchant_id, order_id=case.order_id)
    by_id = {str(line.id): line for line in order.lines}
    amounts = {by_id[line.key].id: _amount(line, by_id[line.key]) for line in chosen}
    total_minor = sum(amounts.values())
    if total_minor <= 0:
        raise Invalid("Nothing would be paid. If that is right, reject the case instead.")
    return Granting(
        amounts=amounts,
        total=spoken(total_minor, order.currency),
        is_whole=total_minor >= case.amount_requested_minor,
    )


def _amount(line: Line, bought: orders.LineView) -> int:
    worth = bought.worth_minor(orders.free_units(bought, wanted=line.chosen))
    try:
        less = minor_from_text(line.less.replace(",", ""), line.currency) if line.less else 0
    except NotAnAmount as problem:
        raise Invalid(f"{line.name}: {problem}") from None
    if not 0 <= less <= worth:
        raise Invalid(f"{line.name}: at most {spoken(worth, line.currency)} can be taken off")
    return worth - less
