"""A company's apps, for its managers: which servers, apps and booths may ask for tokens, and for what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from recoup.access.resources import Company
from recoup.identity import actions, company_apps
from recoup.identity.company_apps import AppView
from recoup.kernel.clock import now
from recoup.kernel.errors import Refusal
from recoup.web.staff.app_forms import AppForm
from recoup.web.staff.desk import Desk, at_desk

_READS, _WRITES = "keys:read", "keys:write"
DISCONNECT, REPLACE = "disconnect", "replace-secret"
_DEEDS = {
    DISCONNECT: {
        "question": "Disconnect this app?",
        "words": "From the next request on no token of it opens anything, whoever it acted for. It cannot be undone; "
        "connect it anew if you need it again.",
        "button": "Disconnect it for good",
    },
    REPLACE: {
        "question": "Replace the secret?",
        "words": "The secret that it has now is worth nothing from this moment on. Tokens that it was given for it end "
        "by themselves within ten minutes.",
        "button": "Replace it now",
    },
}


@require_safe
@at_desk(_READS)
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All apps, and whether each is connected."""
    context = {"apps": company_apps.of_company(merchant_id=desk.company.id), "may_change": _may_change(desk)}
    return render(request, "staff/apps/list.html", _frame(desk) | context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new app. Its secret is on the page that answers, and on no other."""
    form = AppForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            app_id, secret = actions.create_app(merchant_id=desk.company.id, **form.cleaned_data, **_by(desk))
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
        else:
            return _made(request, desk, app_id, secret)
    return render(request, "staff/apps/form.html", _frame(desk) | {"form": form}, status=422 if form.errors else 200)


@require_safe
@at_desk(_READS)
def show(request: HttpRequest, desk: Desk, app_id: UUID) -> HttpResponse:
    """One app: what it is, and what can be done with it."""
    context = {"app": _app(desk, app_id), "may_change": _may_change(desk), "is_done": "done" in request.GET}
    return render(request, "staff/apps/app.html", _frame(desk) | context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def act(request: HttpRequest, desk: Desk, app_id: UUID, deed: str) -> HttpResponse:
    """A page that says what will happen, then it happens."""
    app = _app(desk, app_id)
    if app.kind is None:
        raise Http404
    if request.method != "POST":
        return render(request, "staff/apps/act.html", _frame(desk) | {"app": app, **_DEEDS[deed]})
    if deed == REPLACE:
        secret = actions.replace_app_secret(merchant_id=desk.company.id, app_id=app.id, **_by(desk))
        return _made(request, desk, app.id, secret)
    actions.revoke_app(merchant_id=desk.company.id, app_id=app.id, **_by(desk))
    return redirect(f"/staff/apps/{app.id}?done=1")


def _made(request: HttpRequest, desk: Desk, app_id: UUID, secret: str) -> HttpResponse:
    return render(request, "staff/apps/made.html", _frame(desk) | {"app": _app(desk, app_id), "secret": secret})


def _app(desk: Desk, app_id: UUID) -> AppView:
    """The company's own app. Raises NotFound."""
    return company_apps.one_of_company(merchant_id=desk.company.id, app_id=app_id)


def _may_change(desk: Desk) -> bool:
    return desk.may(_WRITES, Company(desk.company.id))


def _frame(desk: Desk) -> dict[str, Any]:
    return {"company": desk.company, "staff_name": desk.name}


def _by(desk: Desk) -> dict[str, Any]:
    return {"by": desk.actor, "at": now()}
