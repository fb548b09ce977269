"""A company's own page at `/at/COMPANY`, with its logo and colour, and what its site needs to lead there."""

from __future__ import annotations

import io
from pathlib import Path

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from recoup.access import doors
from recoup.kernel.errors import NotFound
from recoup.merchants import queries as merchants
from recoup.web import colours
from recoup.web.shopper.companies import with_promise

#: What other sites may load. It is the same for everybody, and no cookie is looked at.
_FOR_EVERY_SITE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
WIDGET = "js/widget.js"


def address(slug: str) -> str:
    """The company's own page, for its mails, its receipts and its site."""
    return f"{settings.PUBLIC_URL}/at/{slug}"


def snippet(slug: str) -> str:
    """What a company puts into its own site: a link, which the script turns into a button that tells the promise."""
    return (
        f'<a href="{address(slug)}" data-recoup>Ask for a refund</a>\n'
        f'<script async src="{settings.PUBLIC_URL}/widget.js"></script>'
    )


@doors.open_to_all
@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """The company, what it promises, and the two ways on: ask for a refund, or look at one."""
    company = merchants.by_slug(slug)
    context = {"company": with_promise(company), "look": merchants.look_of(company.id), "mail": company.support_email}
    return render(request, "shopper/own_page.html", context)


@doors.open_to_all
@require_safe
@cache_control(max_age=300, public=True)
def look(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001 - what Django gives a view
    """The company's colour as a style sheet: pages have no styles of their own in them."""
    chosen = merchants.look_of(merchants.by_slug(slug).id).colour
    sheet = f":root {{ --own: {chosen}; --on-own: {colours.ink_on(chosen)}; }}\n" if chosen else ""
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


@doors.open_to_all
@require_safe
@cache_control(max_age=31_536_000, public=True, immutable=True)
def logo(request: HttpRequest, slug: str, mark: str) -> HttpResponse:  # noqa: ARG001 - what Django gives a view
    """The company's logo. Its address changes with it. Raises NotFound."""
    content = merchants.logo(merchant_id=merchants.by_slug(slug).id, mark=mark)
    return HttpResponse(content, content_type="image/png", headers=_FOR_EVERY_SITE)


@doors.open_to_all
@require_safe
@cache_control(max_age=3600, public=True)
def code(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001 - what Django gives a view
    """The page's address as a QR code, to print on receipts and parcels."""
    drawn = io.BytesIO()
    segno.make(address(merchants.by_slug(slug).slug), error="m", micro=False).save(
        drawn, kind="svg", scale=8, border=4, light="#fff"
    )
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml", headers=_FOR_EVERY_SITE)


@doors.open_to_all
@require_safe
@cache_control(max_age=300, public=True)
def told(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001 - what Django gives a view
    """What the button on the company's site tells: the promise as it was measured, and the company's colour."""
    company = merchants.by_slug(slug)
    card, chosen = with_promise(company), merchants.look_of(company.id).colour
    shown = {
        "name": company.name,
        "promise": f"{card.promise.share} {card.promise.told}" if card.promise else "",
        "colour": chosen,
        "ink": colours.ink_on(chosen) if chosen else "",
    }
    return JsonResponse(shown, headers=_FOR_EVERY_SITE)


@doors.open_to_all
@require_safe
@cache_control(max_age=3600, public=True)
def widget(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - what Django gives a view
    """The script of the button. Its address stays, so that nobody has to change their site. Raises NotFound."""
    path = finders.find(WIDGET)
    if not isinstance(path, str):
        raise NotFound("The script is not there")
    content = Path(path).read_bytes()
    return HttpResponse(content, content_type="text/javascript; charset=utf-8", headers=_FOR_EVERY_SITE)
