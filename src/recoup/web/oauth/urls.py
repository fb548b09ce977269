"""Where apps find us."""

from __future__ import annotations

from django.urls import path

from recoup.web.oauth import consent, devices, machine

urlpatterns = [
    path(".well-known/openid-configuration", machine.configuration),
    path(".well-known/oauth-authorization-server", machine.configuration),
    path(".well-known/jwks.json", machine.jwks),
    path("oauth/authorize", consent.authorize),
    path("oauth/token", machine.token),
    path("oauth/introspect", machine.introspect),
    path("oauth/revoke", machine.revoke),
    path("oauth/device", machine.device),
    path("oauth/userinfo", machine.userinfo),
    path("device", devices.device),
]
