"""Steps 3 and 4: which articles, and why."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from recoup.access import doors
from recoup.kernel.clock import now
from recoup.kernel.money import spoken
from recoup.merchants import queries as merchants
from recoup.orders import queries as orders
from recoup.orders.states import BOUGHT
from recoup.refunds.policy.reasons import Reason
from recoup.web.forms import PHOTOS_MAX, OwnItems, SayWhy
from recoup.web.shopper import drafts, passes, photos, reasons
from recoup.web.shopper.companies import as_card
from recoup.web.shopper.drafts import Draft
from recoup.web.shopper.view_models import ITEMS, REASON, Item, Order


@doors.declares("cases:file")
@require_http_methods(["GET", "HEAD", "POST"])
def items(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 3: articles and quantities; in own words when the order is not known."""
    company, draft = merchants.by_slug(slug), drafts.of(request, slug)
    if draft is None or not passes.who_may_ask(request, draft, merchant_id=company.id, at=now()):
        return redirect(f"/ask/{slug}")
    if draft.case_number:
        return redirect(f"/cases/{draft.case_number}")
    order = the_order(company, draft)
    if order is None and "@" not in draft.contact:
        return redirect(f"/ask/{slug}?try=email")
    if order is None:
        return _own_items(request, company, draft)
    shown, problem = _order(order, draft), ""
    if request.method == "POST":
        draft.quantities, problem = _chosen(request.POST, shown)
        if not problem:
            drafts.keep(draft)
            return redirect(f"/ask/{slug}/reason")
    context = {"company": as_card(company), "step": ITEMS, "order": _order(order, draft), "problem": problem}
    return render(request, "shopper/items.html", context, status=422 if problem else 200)


@doors.declares("cases:file")
@require_http_methods(["GET", "HEAD", "POST"])
def reason(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 4: own words, a preset, photos. What was kept stays kept, whatever is wrong with the rest."""
    company, draft = merchants.by_slug(slug), drafts.of(request, slug)
    if (
        draft is None
        or not passes.who_may_ask(request, draft, merchant_id=company.id, at=now())
        or not (draft.quantities or draft.bought)
    ):
        return redirect(f"/ask/{slug}/items")
    if draft.case_number:
        return redirect(f"/cases/{draft.case_number}")
    chosen = "" if draft.is_guessed else draft.reason
    form = SayWhy(initial={"words": draft.words, "reason": chosen})
    if request.method == "POST":
        form = SayWhy(request.POST, request.FILES)
        chosen = request.POST.get("reason", "")
        if _take(request, company, draft, form):
            return redirect(f"/ask/{slug}/reason" if "remove" in request.POST else f"/ask/{slug}/check")
    context = {
        "company": as_card(company),
        "step": REASON,
        "form": form,
        "common": reasons.common(chosen),
        "rare": reasons.rare(chosen),
        "is_rare_chosen": reasons.is_rare(chosen),
        "kept": draft.photos,
        "back_url": f"/ask/{slug}/items",
    }
    return render(request, "shopper/reason.html", context, status=422 if form.errors else 200)


@doors.declares("cases:file")
@require_safe
def draft_photo(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """A photo of the visitor's own draft."""
    company, draft = merchants.by_slug(slug), drafts.of(request, slug)
    if draft is None or not passes.who_may_ask(request, draft, merchant_id=company.id, at=now()):
        raise Http404
    kept = next((photo for photo in draft.photos if photo["key"] == key), None)
    if kept is None:
        raise Http404
    return photos.answer(kept["file_key"])


def the_order(company: merchants.Company, draft: Draft) -> orders.OrderView | None:
    """The draft's order when it is known and fits the proved address."""
    return orders.find_for_guest(merchant_id=company.id, number=draft.order_number, contact=draft.contact)


def _own_items(request: HttpRequest, company: merchants.Company, draft: Draft) -> HttpResponse:
    form = OwnItems(request.POST or None, initial={"bought": draft.bought})
    if request.method == "POST" and form.is_valid():
        draft.bought, draft.quantities = form.cleaned_data["bought"], {}
        drafts.keep(draft)
        return redirect(f"/ask/{draft.slug}/reason")
    context = {"company": as_card(company), "step": ITEMS, "form": form, "order_number": draft.order_number}
    return render(request, "shopper/own_items.html", context, status=422 if form.errors else 200)


def _order(order: orders.OrderView, draft: Draft) -> Order:
    """The order as the page shows it. An order of one article, one of it left, needs no tick from anybody."""
    offered = [line for line in order.lines if line.kind in BOUGHT]
    is_only = len(offered) == 1 and offered[0].quantity_free == 1
    return Order(
        number=order.number,
        placed_at=order.placed_at,
        items=tuple(
            Item(
                key=str(line.position),
                name=line.title,
                picture_url=line.image_url,
                price_each=spoken(line.unit_price_minor, order.currency),
                bought=line.quantity,
                free=line.quantity_free,
                chosen=1 if is_only else min(draft.quantities.get(str(line.position), 0), line.quantity_free),
            )
            for line in offered
        ),
    )


def _chosen(given: QueryDict, shown: Order) -> tuple[dict[str, int], str]:
    """The ticked articles with their quantities, and what is wrong with the choice."""
    by_key = {item.key: item for item in shown.items if not item.is_gone}
    quantities: dict[str, int] = {}
    for key in given.getlist("line"):
        if key not in by_key:
            return quantities, gettext("One of these articles was refunded in the meantime. Please choose again.")
        many = given.get(f"many-{key}", "1")
        quantities[key] = int(many) if many.isdecimal() and len(many) < 7 else 0
        if not 1 <= quantities[key] <= by_key[key].free:
            quantities[key] = 0
            return quantities, gettext("{name}: please choose a number from 1 to {free}.").format(
                name=by_key[key].name, free=by_key[key].free
            )
    return quantities, "" if quantities else gettext("Please tick at least one article.")


def _take(request: HttpRequest, company: merchants.Company, draft: Draft, form: SayWhy) -> bool:
    """The draft holds what was given, the good photos included; True when the shopper can go on."""
    is_good = form.is_valid()
    if "remove" in request.POST:
        draft.photos = [photo for photo in draft.photos if photo["key"] != request.POST["remove"]]
    kept, problems = photos.keep_all(form.cleaned_data.get("photos") or [], merchant_id=company.id)
    draft.photos += [photo for photo in kept if photo["key"] not in {old["key"] for old in draft.photos}]
    if len(draft.photos) > PHOTOS_MAX:
        draft.photos = draft.photos[:PHOTOS_MAX]
        problems.append(gettext("We kept the first {count} photos.").format(count=PHOTOS_MAX))
    draft.words = form.cleaned_data.get("words", draft.words)
    picked = form.cleaned_data.get("reason", "")
    draft.is_guessed = picked not in {known.value for known in Reason}
    draft.reason = reasons.understood(draft.words).value if draft.is_guessed else picked
    drafts.keep(draft)
    if "remove" in request.POST:
        return True
    for problem in problems:
        form.add_error("photos", problem)
    return is_good and not problems
