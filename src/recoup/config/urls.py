"""Every address of the web program."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from recoup.api.v1 import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    # WEBHOOKS path("webhooks/", include("recoup.webhooks.urls")),
    path("", include("recoup.web.urls")),
]

# HANDLER handler400 = "recoup.web.errors.bad_request"
# HANDLER handler403 = "recoup.web.errors.denied"
# HANDLER handler404 = "recoup.web.errors.not_found"
# HANDLER handler500 = "recoup.web.errors.broken"
