"""Shows every template with example data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.access import doors
from recoup.web import forms
from recoup.web.review import inbox, verbs
from recoup.web.shopper import reasons, view_models
from recoup.web.style import examples

_WRONG_ORDER = forms.FindOrder({"order_number": "", "contact": "mei.tan"})
_WRONG_CODE = forms.EnterCode({"code": "12 34"})


def _of(step: view_models.Step | None = None, **more: Any) -> dict[str, Any]:
    return {"company": examples.COMPANIES[0], "step": step, **more}


def _pages() -> dict[str, tuple[str, dict[str, Any]]]:
    desk = {"company": examples.COMPANIES[0], "staff_name": "Ines"}
    code = {"contact": "m•••@example.sg", "minutes": 10, "again_url": "#", "back_url": "#", "is_resent": False}
    shown: dict[str, tuple[str, dict[str, Any]]] = {
        "front": ("shopper/front.html", {"companies": examples.COMPANIES, "search": ""}),
        "front-nothing": ("shopper/front.html", {"companies": (), "search": "Ikan"}),
        "find": ("shopper/find.html", _of(view_models.FIND, form=forms.FindOrder())),
        "find-wrong": ("shopper/find.html", _of(view_models.FIND, form=_WRONG_ORDER)),
        "code": ("shopper/code.html", _of(view_models.CODE, form=forms.EnterCode(), **code)),
        "code-wrong": ("shopper/code.html", _of(view_models.CODE, form=_WRONG_CODE, **{**code, "is_resent": True})),
        "looking": ("shopper/looking.html", _of(view_models.CODE)),
        "items": ("shopper/items.html", _of(view_models.ITEMS, order=examples.ORDER, problem="")),
        "own-items": (
            "shopper/own_items.html",
            _of(view_models.ITEMS, form=forms.OwnItems(), order_number="KT-20418"),
        ),
        "reason": ("shopper/reason.html", _reason(forms.SayWhy())),
        "reason-wrong": ("shopper/reason.html", _reason(forms.SayWhy({}))),
        "check": ("shopper/check.html", _check(examples.GRANTED)),
        "check-asks": ("shopper/check.html", _check(examples.ASKED)),
        "case-find": ("cases/find.html", {"form": forms.FindCase(), "known": ["RC-7KQ4-M2XD"]}),
        "case-add": ("cases/evidence.html", {"form": forms.ShowMore(), "case": examples.case("evidence")}),
        "case-withdraw": ("cases/withdraw.html", {"case": examples.case("review")}),
        "case-appeal": ("cases/appeal.html", {"form": forms.Disagree(), "case": examples.case("rejected")}),
        "review": (
            "review/list.html",
            {
                **desk,
                "looking": inbox.Looking(shown="in_review", reason="", only_late=False, words=""),
                "most_urgent": examples.ROWS[0].number,
                "rows": examples.ROWS,
                "next_url": "",
            },
        ),
        "review-case": ("review/case.html", {**desk, "case": examples.DESK, "done": "Asked the shopper."}),
        "review-approve": ("review/act.html", _act(verbs.APPROVE, choices=examples.CHOICES, extras=examples.EXTRAS)),
        "review-reject": ("review/act.html", _act(verbs.REJECT)),
        "error-400": ("400.html", {}),
        "error-403": ("403.html", {}),
        "error-404": ("404.html", {}),
        "error-500": ("500.html", {}),
        "error-405": ("errors/405.html", {"back_url": "/cases/code"}),
        "error-413": ("errors/413.html", {"photos": forms.PHOTOS_MAX, "megabytes": 8}),
        "error-csrf": ("errors/csrf.html", {}),
        "error-refusal": (
            "errors/refusal.html",
            {
                "title": "Somebody was faster",
                "detail": "This case was approved a moment ago.",
                "advice": "Look at the case as it stands now.",
                "back_url": "/review",
            },
        ),
    }
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        f"case-{name}": ("cases/case.html", {"case": examples.case(name)}) for name in examples.CASES
    }
    return shown | cases


def _reason(form: forms.SayWhy) -> dict[str, Any]:
    listed = {"common": reasons.common("damaged"), "rare": reasons.rare(""), "is_rare_chosen": False}
    return _of(view_models.REASON, form=form, kept=(), back_url="#", **listed)


def _check(outlook: view_models.Outlook) -> dict[str, Any]:
    links = {"items_url": "#", "reason_url": "#", "key": "k"}
    return _of(view_models.CHECK, outlook=outlook, told=examples.TOLD, **links)


def _act(verb: Any, *, choices: Any = (), extras: Any = ()) -> dict[str, Any]:
    form = forms.WordsForShopper({"words": "The shop's time for it was over, and the photos show normal use."})
    told = "Approved: S$44.01.\nYour kettle should have arrived whole. We are sorry."
    waiting = {"yeses": examples.YESES if choices else (), "limit_words": "You may approve up to S$200.00 alone."}
    shown = {"choices": choices, "extras": extras, "form": form, "told": told, **waiting}
    return {"case": examples.DESK, "verb": verb, "staff_name": "Ines", **shown}


@doors.open_to_all
@require_safe
def style(request: HttpRequest, name: str = "") -> HttpResponse:
    """The list of examples, or one of them."""
    if settings.MODE != "demo":
        raise Http404
    pages = _pages()
    if not name:
        return render(request, "style/list.html", {"names": sorted(pages)})
    if name not in pages:
        raise Http404
    template, context = pages[name]
    return render(request, template, context)
