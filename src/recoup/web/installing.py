"""What makes the pages an app that people put on their home screen: a manifest, a service worker, and a page that says
that there is no connection.

The worker keeps that one page and its style sheets, and nothing else: pages show people's refunds, so none is kept on
a device that others may use.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from recoup.access import doors
from recoup.kernel.errors import NotFound
from recoup.web.templatetags.page_words import asset, stylesheets

WORKER = "js/app-worker.js"
GROUND = "#f5f7f6"
JADE = "#0a6355"


@doors.open_to_all
@require_safe
@cache_control(max_age=3600, private=True)
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - what Django gives a view
    """Name, icons, and the two things that people come for (W3C Web Application Manifest)."""
    icons = [("app-192", 192, "any"), ("app-512", 512, "any"), ("app-maskable-512", 512, "maskable")]
    told = {
        "id": "/",
        "name": "Recoup",
        "short_name": "Recoup",
        "description": _("Recoup brings refunds of many shops to one place."),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": JADE,
        "icons": [
            {"src": asset(f"img/{name}.png"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
            for name, side, purpose in icons
        ],
        "shortcuts": [
            {"name": _("Ask for a refund"), "url": "/"},
            {"name": _("My case"), "url": "/cases"},
        ],
    }
    return JsonResponse(told, content_type="application/manifest+json")


@doors.open_to_all
@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - what Django gives a view
    """The service worker. It names the style sheets, so that a new release is another worker. Raises NotFound."""
    path = finders.find(WORKER)
    if not isinstance(path, str):
        raise NotFound("The script is not there")
    release = hashlib.sha256(" ".join(stylesheets()).encode()).hexdigest()[:12]
    script = Path(path).read_text(encoding="utf-8").replace("RELEASE", release)
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@doors.open_to_all
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """There is no connection. Shown by the worker, from what it kept."""
    return render(request, "errors/offline.html", {"languages": {}, "is_demo": False})
