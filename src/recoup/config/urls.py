"""Every address of the web program."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from recoup.api import reference
from recoup.api.v1 import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("developers", reference.show),
    path("webhooks/", include("recoup.webhooks.urls")),
    path("account/", include("recoup.web.account.urls")),
    path("", include("recoup.web.oauth.urls")),
    path("", include("recoup.web.urls")),
]

handler400 = "recoup.web.errors.bad_request"
handler403 = "recoup.web.errors.denied"
handler404 = "recoup.web.errors.not_found"
handler500 = "recoup.web.errors.broken"
