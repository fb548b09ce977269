"""The addresses under /account/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from recoup.web.account import company_views, views
from recoup.web.oauth import mine

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.mine),
    path("apps/", mine.apps),
    path("company/", company_views.find, name="company_sign_in"),
    path("company/<slug:ticket>/", company_views.go, name="company_sign_in_go"),
    path("", include("allauth.urls")),
]
