"""`/account/apps/`: which apps act for somebody, and the end of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recoup.access import doors
from recoup.access.routes_of_others import OWN
from recoup.identity import actions, company_apps
from recoup.kernel import clock
from recoup.web.oauth import words


@doors.declares(OWN)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apps(request: HttpRequest) -> HttpResponse:
    """Each app with what it may do, and a button that ends it."""
    at = clock.now()
    person: Any = request.user
    connected = company_apps.connected_to(person.pk, at=at)
    if request.method == "POST":
        found = next((one for one in connected if one.family == request.POST.get("family")), None)
        app = company_apps.registered(str(found.app_id)) if found else None
        if found is None or app is None:
            raise Http404
        actions.end_grant(
            merchant_id=app.merchant_id,
            app_id=found.app_id,
            person_id=person.pk,
            family=found.family,
            reason="disconnected",
            by=f"person:{person.pk}",
            at=at,
        )
        return redirect("/account/apps/?done=1")
    shown: list[dict[str, Any]] = [{"app": one, "lines": words.of_scopes(one.scopes)} for one in connected]
    return render(request, "oauth/mine.html", {"apps": shown, "is_done": "done" in request.GET})
