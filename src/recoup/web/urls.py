"""The addresses of all pages."""

from __future__ import annotations

from django.urls import path

from recoup.web.style.views import style

urlpatterns = [
    path("style", style),
    path("style/<slug:name>", style),
]
