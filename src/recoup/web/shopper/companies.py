"""The first page, and a company's address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.access import doors
from recoup.merchants import queries as merchants
from recoup.web.shopper.view_models import Company


def as_card(company: merchants.Company) -> Company:
    """The company as pages show it."""
    return Company(slug=company.slug, name=company.name, is_verified=company.is_verified)


@doors.open_to_all
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """What Recoup is, and the companies to choose from."""
    search = request.GET.get("q", "").strip()[:80]
    companies = [as_card(company) for company in merchants.participating(search=search)]
    return render(request, "shopper/front.html", {"companies": companies, "search": search})
