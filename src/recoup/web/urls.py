"""The addresses of all pages."""

from __future__ import annotations

from django.urls import path

from recoup.web import health, reports
from recoup.web.review import deciding
from recoup.web.review import views as review
from recoup.web.shopper import asking, companies, confirming, following, proving
from recoup.web.staff import apps, case_list, home, items, limits, rights
from recoup.web.staff import webhooks as company_webhooks
from recoup.web.style.views import style

urlpatterns = [
    path("", companies.front),
    path("ask/<slug:slug>", proving.find),
    path("ask/<slug:slug>/code", proving.code),
    path("ask/<slug:slug>/code/again", proving.code_again),
    path("ask/<slug:slug>/looking", proving.looking),
    path("ask/<slug:slug>/items", asking.items),
    path("ask/<slug:slug>/reason", asking.reason),
    path("ask/<slug:slug>/photos/<slug:key>", asking.draft_photo),
    path("ask/<slug:slug>/check", confirming.check),
    path("cases", following.find),
    path("cases/code", following.code),
    path("cases/code/again", following.code_again),
    path("cases/<slug:number>", following.show),
    path("cases/<slug:number>/now", following.show_now),
    path("cases/<slug:number>/evidence", following.evidence),
    path("cases/<slug:number>/withdraw", following.withdraw),
    path("cases/<slug:number>/appeal", following.appeal),
    path("review", review.index),
    path("review/<slug:number>", review.show),
    path("review/<slug:number>/photos/<uuid:photo_id>", review.photo),
    path("review/<slug:number>/<slug:verb>", deciding.act),
    path("review/<slug:number>/<slug:verb>/<uuid:payout_id>", deciding.act),
    path("staff", home.home),
    path("staff/cases", case_list.index),
    path("staff/cases/export", case_list.export),
    path("staff/items", items.index),
    path("staff/items/<path:sku>", items.show),
    path("staff/limits", limits.limits),
    path("staff/limits/people/<uuid:person_id>", limits.own_limit),
    path("staff/access", rights.rights),
    path("staff/apps", apps.index),
    path("staff/apps/new", apps.new),
    path("staff/apps/<uuid:app_id>", apps.show),
    path("staff/apps/<uuid:app_id>/disconnect", apps.act, {"deed": apps.DISCONNECT}),
    path("staff/apps/<uuid:app_id>/replace-secret", apps.act, {"deed": apps.REPLACE}),
    path("staff/webhooks", company_webhooks.index),
    path("staff/webhooks/new", company_webhooks.new),
    path("staff/webhooks/<uuid:endpoint_id>", company_webhooks.show),
    path("staff/webhooks/<uuid:endpoint_id>/change", company_webhooks.change),
    path("staff/webhooks/<uuid:endpoint_id>/<slug:deed>", company_webhooks.act),
    path("staff/webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>", company_webhooks.delivery),
    path("staff/webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>/replay", company_webhooks.replay),
    path("style", style),
    path("style/<slug:name>", style),
    path("healthz", health.healthz),
    path("browser-reports", reports.browser_reports),
]
