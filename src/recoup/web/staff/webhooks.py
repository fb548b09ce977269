"""Webhooks out, for a company's managers: where its servers are told, what was sent to them, and what they answered."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recoup.access.resources import Company, Webhook
from recoup.callbacks import actions, queries
from recoup.callbacks.queries import EndpointView
from recoup.kernel.clock import now
from recoup.kernel.errors import Refusal
from recoup.web.staff import webhook_deeds
from recoup.web.staff.desk import Desk, at_desk
from recoup.web.staff.webhook_forms import EndpointForm, ReplayForm

PAGE = 50
_READS, _WRITES = "webhooks:read", "webhooks:write"


@require_safe
@at_desk(_READS)
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All endpoints, and how each is doing."""
    context = _frame(desk) | {
        "endpoints": queries.endpoints(merchant_id=desk.company.id),
        "may_change": desk.may(_WRITES, Company(desk.company.id)),
        "is_removed": request.GET.get("done") == "remove",
    }
    return render(request, "staff/webhooks/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new endpoint. Its secret is on the page that answers, and on no other."""
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            view, secret = actions.add_endpoint(merchant_id=desk.company.id, **form.cleaned_data, **_by(desk))
        except Refusal as refusal:
            form.add_error("url" if isinstance(refusal, actions.UrlRefused) else None, refusal.detail)
        else:
            return render(request, "staff/webhooks/secret.html", _frame(desk) | {"endpoint": view, "secret": secret})
    status = 422 if form.errors else 200
    return render(request, "staff/webhooks/form.html", _frame(desk) | {"form": form, "endpoint": None}, status=status)


@require_safe
@at_desk(_READS)
def show(request: HttpRequest, desk: Desk, endpoint_id: UUID) -> HttpResponse:
    """One endpoint: how it stands, what can be done with it, and what was sent to it."""
    view = _endpoint(desk, endpoint_id, _READS)
    before = _before(request)
    found = queries.deliveries(merchant_id=desk.company.id, endpoint_id=view.id, before=before, limit=PAGE + 1)
    context = _frame(desk) | {
        "endpoint": view,
        "deliveries": found[:PAGE],
        "next_url": f"/staff/webhooks/{view.id}?before={found[PAGE - 1].id}" if len(found) > PAGE else "",
        "may_change": desk.may(_WRITES, Webhook(company=desk.company.id, endpoint=view.id)),
        "replay": ReplayForm(),
        "done": webhook_deeds.done(request.GET.get("done", "")),
    }
    return render(request, "staff/webhooks/endpoint.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def change(request: HttpRequest, desk: Desk, endpoint_id: UUID) -> HttpResponse:
    """Where it is told and of what."""
    view = _endpoint(desk, endpoint_id, _WRITES)
    form = EndpointForm(request.POST) if request.method == "POST" else EndpointForm.of(view)
    if form.is_bound and form.is_valid():
        try:
            given = {"merchant_id": desk.company.id, "endpoint_id": view.id, **_by(desk)}
            actions.change_endpoint(**form.cleaned_data, **given)
        except Refusal as refusal:
            form.add_error("url" if isinstance(refusal, actions.UrlRefused) else None, refusal.detail)
        else:
            return redirect(f"/staff/webhooks/{view.id}?done=change")
    status = 422 if form.errors else 200
    return render(request, "staff/webhooks/form.html", _frame(desk) | {"form": form, "endpoint": view}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(_WRITES)
def act(request: HttpRequest, desk: Desk, endpoint_id: UUID, deed: str) -> HttpResponse:
    """One deed with an endpoint: a page that says what will happen, then it happens."""
    view = _endpoint(desk, endpoint_id, _WRITES)
    chosen = webhook_deeds.named(deed)
    form = chosen.form(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            secret = chosen.do(form, {"merchant_id": desk.company.id, "endpoint_id": view.id, **_by(desk)})
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
        else:
            if secret:
                context = _frame(desk) | {"endpoint": view, "secret": secret}
                return render(request, "staff/webhooks/secret.html", context)
            where = "" if deed == webhook_deeds.REMOVE else f"/{view.id}"
            return redirect(f"/staff/webhooks{where}?done={deed}")
    context = _frame(desk) | {"endpoint": view, "deed": chosen, "form": form}
    return render(request, "staff/webhooks/act.html", context, status=422 if form.errors else 200)


@require_safe
@at_desk(_READS)
def delivery(request: HttpRequest, desk: Desk, endpoint_id: UUID, delivery_id: UUID) -> HttpResponse:
    """One message: its body, and every attempt with what the server said."""
    view = _endpoint(desk, endpoint_id, _READS)
    found = queries.delivery(merchant_id=desk.company.id, endpoint_id=view.id, delivery_id=delivery_id)
    context = _frame(desk) | {
        "endpoint": view,
        "delivery": found,
        "body": json.dumps(json.loads(found.body), indent=2, ensure_ascii=False),
        "may_change": desk.may(_WRITES, Webhook(company=desk.company.id, endpoint=view.id)),
    }
    return render(request, "staff/webhooks/delivery.html", context)


@require_POST
@at_desk(_WRITES)
def replay(request: HttpRequest, desk: Desk, endpoint_id: UUID, delivery_id: UUID) -> HttpResponse:  # noqa: ARG001
    """This message once more."""
    view = _endpoint(desk, endpoint_id, _WRITES)
    try:
        actions.replay(merchant_id=desk.company.id, endpoint_id=view.id, delivery_id=delivery_id, **_by(desk))
    except actions.SwitchedOff:
        return redirect(f"/staff/webhooks/{view.id}?done=is-off")
    return redirect(f"/staff/webhooks/{view.id}?done=replay")


def _endpoint(desk: Desk, endpoint_id: UUID, action: str) -> EndpointView:
    """The endpoint, when it is the desk's company's and they may do that with it. Raises NotFound, NotAllowed."""
    view = queries.endpoint(merchant_id=desk.company.id, endpoint_id=endpoint_id)
    desk.need(action, Webhook(company=desk.company.id, endpoint=view.id))
    return view


def _frame(desk: Desk) -> dict[str, Any]:
    return {"company": desk.company, "staff_name": desk.name}


def _by(desk: Desk) -> dict[str, Any]:
    return {"by": desk.actor, "at": now()}


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        return None
