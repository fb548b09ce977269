"""Step 5: the exact amount and what happens next; then the case is filed, once."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from recoup.access import doors
from recoup.access.idempotency import Stored
from recoup.kernel.clock import now
from recoup.merchants import queries as merchants
from recoup.orders.queries import OrderView
from recoup.refunds import actions as refunds
from recoup.refunds import queries as cases
from recoup.refunds.policy.reasons import Reason
from recoup.refunds.requests import RefundRequest, Remember, WantedItem
from recoup.web import languages
from recoup.web.shopper import drafts, outlook, passes, photos, reasons
from recoup.web.shopper.asking import the_order
from recoup.web.shopper.companies import as_card
from recoup.web.shopper.drafts import Draft
from recoup.web.shopper.view_models import CHECK, Told


@doors.declares("cases:file")
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """The shopper sees everything before confirming; confirming twice files one case."""
    company, draft = merchants.by_slug(slug), drafts.of(request, slug)
    who = passes.who_may_ask(request, draft, merchant_id=company.id, at=now()) if draft else None
    if draft is None or who is None or not (draft.quantities or draft.bought):
        return redirect(f"/ask/{slug}/items")
    if draft.case_number:
        return redirect(f"/cases/{draft.case_number}")
    if not draft.reason:
        return redirect(f"/ask/{slug}/reason")
    order = the_order(company, draft)
    wanted = _request(draft, order)
    if request.method == "POST" and request.POST.get("key") == draft.key:
        draft.case_number = _file(wanted, draft, company, by=passes.actor(who))
        drafts.keep(draft)
        passes.remember_case(request, merchant_id=company.id, number=draft.case_number)
        return redirect(f"/cases/{draft.case_number}")
    shown = outlook.unknown()
    if order is not None:
        verdict, _ = cases.preview(wanted, merchant_id=company.id, at=now())
        shown = outlook.outlook(verdict, order, strategy=company.tender_strategy)
    context = {
        "company": as_card(company),
        "step": CHECK,
        "outlook": shown,
        "told": _told(draft, order),
        "key": draft.key,
        "undo_s": settings.UNDO_SECONDS,
        "items_url": f"/ask/{slug}/items",
        "reason_url": f"/ask/{slug}/reason",
    }
    return render(request, "shopper/check.html", context)


def _request(draft: Draft, order: OrderView | None) -> RefundRequest:
    """The request as the draft says it. While the order is unknown, words tell what was bought: a person reads them."""
    shown = [photos.from_kept(photo) for photo in draft.photos]
    email = draft.contact if "@" in draft.contact else order.email if order else ""
    if order is None:
        words = f"{draft.bought}\n\n{reasons.in_words(draft.reason)}. {draft.words}".strip()
        return RefundRequest(
            order_number=draft.order_number,
            reason=Reason.OTHER.value,
            channel="web",
            locale=languages.now_spoken(),
            words=words,
            email=email,
            photos=shown,
            undo_s=settings.UNDO_SECONDS,
        )
    return RefundRequest(
        order_number=order.number,
        reason=draft.reason,
        channel="web",
        locale=languages.now_spoken(),
        items=[WantedItem(quantity=many, position=int(place)) for place, many in sorted(draft.quantities.items())],
        words=draft.words,
        email=email,
        photos=shown,
        undo_s=settings.UNDO_SECONDS,
    )


def _file(wanted: RefundRequest, draft: Draft, company: merchants.Company, *, by: str) -> str:
    """The case's number. The draft's key makes a second press the same request."""
    body = orjson.dumps({**asdict(draft), "case_number": "", "looking_since": 0})
    remember = Remember(
        key=f"page:{draft.key}",
        request_hash=hashlib.sha256(body).digest(),
        render=lambda view: str(view.number).encode(),
    )
    answer = refunds.submit(request=wanted, merchant_id=company.id, by=by, at=now(), remember=remember)
    if isinstance(answer, Stored):
        return answer.body.decode()
    return answer.number


def _told(draft: Draft, order: OrderView | None) -> Told:
    titles = {str(line.position): line.title for line in order.lines} if order else {}
    named = [
        f"{titles.get(place, '')} \N{MULTIPLICATION SIGN} {many}" for place, many in sorted(draft.quantities.items())
    ]
    count = len(draft.photos)
    is_nothing_known = draft.is_guessed and draft.reason == Reason.OTHER
    return Told(
        order_number=draft.order_number,
        articles=", ".join(named) if order else draft.bought,
        reason=gettext("In your own words" if is_nothing_known else reasons.in_words(draft.reason)),
        is_guessed=draft.is_guessed and not is_nothing_known,
        words=draft.words,
        photos=ngettext("{count} photo", "{count} photos", count).format(count=count) if count else gettext("None"),
        contact=draft.contact,
    )
