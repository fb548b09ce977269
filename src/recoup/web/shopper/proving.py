"""Steps 1 and 2: which order, and the code that proves the address. The answer is the same for an unknown order."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recoup.access import doors
from recoup.access.limits import RateLimited
from recoup.identity import actions as identity
from recoup.kernel.clock import now
from recoup.kernel.errors import Refusal
from recoup.merchants import queries as merchants
from recoup.orders import queries as orders
from recoup.orders.states import BOUGHT
from recoup.web.account import contacts
from recoup.web.forms import EnterCode, FindOrder
from recoup.web.shopper import drafts, guest_codes, looking_up, passes
from recoup.web.shopper.companies import as_card, with_promise
from recoup.web.shopper.drafts import Draft
from recoup.web.shopper.view_models import CODE, FIND, OwnOrder

#: So many of the newest orders are offered; an older one is found by its number.
OWN_ORDERS = 10


@doors.open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 1: order number and e-mail or mobile number; a code is sent. Whoever is signed in picks one of their
    orders, or names one of a contact they have proved: then no code is needed.
    """
    company = merchants.by_slug(slug)
    proved = [who.email for who in passes.shopper(request)]
    addresses = [contact for contact in proved if "@" in contact]
    own = orders.orders_of_shopper(merchant_id=company.id, emails=addresses, limit=OWN_ORDERS)
    draft = drafts.of(request, slug)
    is_open = draft is not None and not draft.case_number
    first = {"order_number": draft.order_number, "contact": draft.contact} if draft and is_open else {}
    form = FindOrder(request.POST or None, initial=first or {"contact": addresses[0] if addresses else ""})
    if request.method == "POST" and "own_order" in request.POST:
        picked = next((order for order in own if order.number == request.POST["own_order"]), None)
        if picked is not None:
            return _go_on(_begun(request, slug, number=picked.number, contact=picked.email), company)
        form = FindOrder(initial=first)
        problem = gettext("That order is not in your list any more. Please choose again, or type its number.")
        return _find_page(request, company, form, own, problem=problem)
    if request.method == "POST" and form.is_valid():
        contact = form.found.account
        draft = _begun(request, slug, number=form.cleaned_data["order_number"], contact=contact)
        if contact in proved:
            return _go_on(draft, company)
        try:
            _send_code(request, draft, company)
        except Refusal as refusal:
            form.add_error(None, gettext(refusal.detail))
        else:
            return redirect(f"/ask/{slug}/code")
    return _find_page(request, company, form, own)


@doors.open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 2: the code comes back. Then the order is shown, or looked for."""
    company, draft = merchants.by_slug(slug), drafts.of(request, slug)
    if draft is None or not draft.order_number:
        return redirect(f"/ask/{slug}")
    form, shown = EnterCode(request.POST or None), contacts.kept(draft.contact)
    if request.method == "POST" and form.is_valid():
        if _accept(request, draft, company, form.cleaned_data["code"]):
            return redirect(f"/ask/{slug}/{'items' if draft.is_known else 'looking'}")
        form.add_error("code", gettext(identity.CodeWrong.title))
    return render(
        request,
        "shopper/code.html",
        {
            "company": as_card(company),
            "step": CODE,
            "form": form,
            "contact": shown.shown,
            "is_text": bool(shown.phone),
            "minutes": guest_codes.MINUTES,
            "again_url": f"/ask/{slug}/code/again",
            "back_url": f"/ask/{slug}",
            "is_resent": request.GET.get("sent") == "again",
        },
        status=422 if form.errors else 200,
    )


@doors.open_to_all
@require_POST
def code_again(request: HttpRequest, slug: str) -> HttpResponse:
    """A new code is sent; only the newest works."""
    company, draft = merchants.by_slug(slug), drafts.of(request, slug)
    if draft is None or not draft.order_number:
        return redirect(f"/ask/{slug}")
    with contextlib.suppress(RateLimited):  # the page says what it says: the newest code is good
        _send_code(request, draft, company)
    return redirect(f"/ask/{slug}/code?{urlencode({'sent': 'again'})}")


@doors.declares("cases:file")
@require_safe
def looking(request: HttpRequest, slug: str) -> HttpResponse:
    """The merchant is asked for the order while the shopper waits, within a limit; then it goes on either way."""
    company, draft = merchants.by_slug(slug), drafts.of(request, slug)
    if draft is None or not passes.who_may_ask(request, draft, merchant_id=company.id, at=now()):
        return redirect(f"/ask/{slug}")
    if not draft.looking_since:
        draft.looking_since = time.time()
        drafts.keep(draft)
        looking_up.begin(merchant_id=company.id, number=draft.order_number)
        return render(request, "shopper/looking.html", {"company": as_card(company), "step": CODE})
    found = looking_up.search(
        merchant_id=company.id, number=draft.order_number, contact=draft.contact, since=draft.looking_since
    )
    is_script = "HX-Request" in request.headers
    if found.may_go_on:
        still = {"company": as_card(company), "step": CODE}
        return HttpResponse(status=204) if is_script else render(request, "shopper/looking.html", still)
    if found.order is not None:
        draft.is_known, draft.order_number = True, found.order.number
        drafts.keep(draft)
    onward = f"/ask/{slug}/items"
    return HttpResponse(headers={"HX-Redirect": onward}) if is_script else redirect(onward)


def _find_page(
    request: HttpRequest,
    company: merchants.Company,
    form: FindOrder,
    own: Sequence[orders.OrderView],
    *,
    problem: str = "",
) -> HttpResponse:
    context = {
        "company": with_promise(company),
        "step": FIND,
        "form": form,
        "own": [_own_order(order) for order in own],
        "problem": problem,
        "wants_email": request.method != "POST" and request.GET.get("try") == "email",
    }
    return render(request, "shopper/find.html", context, status=422 if form.errors or problem else 200)


def _own_order(order: orders.OrderView) -> OwnOrder:
    bought = [line for line in order.lines if line.kind in BOUGHT]
    return OwnOrder(
        number=order.number,
        placed_at=order.placed_at,
        articles=" · ".join(line.title for line in bought[:3]),
        more=max(0, len(bought) - 3),
        picture_url=next((line.image_url for line in bought if line.image_url), ""),
        is_gone=not any(line.quantity_free for line in bought),
    )


def _begun(request: HttpRequest, slug: str, *, number: str, contact: str) -> Draft:
    draft = drafts.begin(request, slug)
    draft.order_number, draft.contact = number, contact
    drafts.keep(draft)
    return draft


def _go_on(draft: Draft, company: merchants.Company) -> HttpResponse:
    """The address is proved: on to the articles, or to looking for the order."""
    order = orders.find_for_guest(merchant_id=company.id, number=draft.order_number, contact=draft.contact)
    _is_proved(draft, order)
    return redirect(f"/ask/{draft.slug}/{'items' if draft.is_known else 'looking'}")


def _is_proved(draft: Draft, order: orders.OrderView | None) -> None:
    draft.is_proved, draft.is_known = True, order is not None
    draft.order_number = order.number if order else draft.order_number
    drafts.keep(draft)


def _send_code(request: HttpRequest, draft: Draft, company: merchants.Company) -> None:
    about = gettext("order {number}").format(number=draft.order_number)
    contact = contacts.kept(draft.contact)
    guest_codes.send(request, contact, company=company, subject=draft.order_number, about=about, at=now())


def _accept(request: HttpRequest, draft: Draft, company: merchants.Company, digits: str) -> bool:
    order = orders.find_for_guest(merchant_id=company.id, number=draft.order_number, contact=draft.contact)
    token = identity.accept_code(
        merchant_id=company.id,
        order_number=draft.order_number,
        contact=draft.contact,
        code=digits,
        at=now(),
        order_id=order.id if order else None,
    )
    if token is None:
        return False
    passes.add(request, token)
    _is_proved(draft, order)
    return True
