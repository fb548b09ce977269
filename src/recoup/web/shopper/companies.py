"""The first page, and a company's address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from recoup.access import doors
from recoup.insights import queries as insights
from recoup.insights.queries import Kept
from recoup.merchants import queries as merchants
from recoup.web import lasting
from recoup.web.shopper.view_models import Company, Promise

_WAYS = {
    "card": "To a card",
    "wallet": "To a wallet",
    "paypal": "To PayPal",
    "gift_card": "To a gift card",
    "store_credit": "As store credit",
    "bank_transfer": "To a bank account",
}
#: Every text of this table, for the catalogues.
TEXTS: tuple[str, ...] = tuple(_WAYS.values())


def as_card(company: merchants.Company, kept: Kept | None = None) -> Company:
    """The company as pages show it; with what was measured, where it says something."""
    return Company(
        slug=company.slug,
        name=company.name,
        is_verified=company.is_verified,
        promise=_promise(kept) if kept and kept.says_something else None,
    )


def with_promise(company: merchants.Company) -> Company:
    """One company with what was measured."""
    return as_card(company, insights.kept_by([company.id]).get(company.id))


def _promise(kept: Kept) -> Promise:
    return Promise(
        share=f"{100 * kept.in_time // kept.granted} %",
        told=gettext("of {count} refunds in the last 30 days were sent within five minutes").format(
            count=f"{kept.granted:,}"
        ),
        ways=tuple(
            (
                gettext(_WAYS.get(method, method.replace("_", " ").capitalize())),
                gettext("half within {time}").format(time=lasting.in_words(p50_s)),
            )
            for method, _, p50_s in kept.by_method
        ),
    )


@doors.open_to_all
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """What Recoup is, and the companies to choose from."""
    search = request.GET.get("q", "").strip()[:80]
    found = merchants.participating(search=search)
    kept = insights.kept_by([company.id for company in found])
    companies = [as_card(company, kept.get(company.id)) for company in found]
    return render(request, "shopper/front.html", {"companies": companies, "search": search})
