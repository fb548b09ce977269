"""The addresses under /account/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from recoup.web.account import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.mine),
    path("", include("allauth.urls")),
]
