"""The language that a visitor chooses at the foot of a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from recoup.access import doors
from recoup.kernel import tongues
from recoup.web import languages


@doors.open_to_all
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """The choice is kept by the browser, and the page they were on comes again. Never a page of somebody else."""
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = redirect(back if is_ours else "/")
    language = request.POST.get("language", "")
    if language in tongues.NAMES:
        languages.remember(response, language)
    return response
