"""The page behind "This was not me": it says what it will do, and does it when asked to. No sign-in is needed."""

from __future__ import annotations

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recoup.access import doors
from recoup.kernel import clock
from recoup.notifications import actions as notifications
from recoup.notifications import queries
from recoup.web.account import notices

_GONE = 410


@doors.open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """A look changes nothing, so a mail program that opens links on its own does no harm."""
    notice_id = notices.named(token)
    found = queries.open_notice(notice_id, at=clock.now()) if notice_id else None
    if notice_id is None or found is None:
        return render(request, "account/not_me_gone.html", status=_GONE)
    if request.method != "POST":
        return render(request, "account/not_me.html", {"notice": found})
    done = notifications.disown_change(notice_id=notice_id, at=clock.now())
    if done is None:
        return render(request, "account/not_me_gone.html", status=_GONE)
    auth.logout(request)
    name, _, host = done.sign_in_with.rpartition("@")
    return render(request, "account/not_me_done.html", {"done": done, "masked": f"{name[:1]}•••@{host}"})
