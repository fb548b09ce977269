"""The addresses under /account/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from recoup.web.account import company_views, disowning, joining, one_door, own_phone, signed_in, views
from recoup.web.oauth import mine

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.mine),
    path("apps/", mine.apps),
    path("login/", one_door.sign_in, name="account_login"),
    path("login/code/", one_door.ask, name="account_request_login_code"),
    path("signup/", one_door.ask, name="account_signup"),
    path("login/code/confirm/", one_door.confirm, name="account_confirm_login_code"),
    path("password/set/", views.set_password, name="account_set_password"),
    path("phone/", own_phone.phone, name="account_phone"),
    path("phone/confirm/", own_phone.confirm, name="account_phone_confirm"),
    path("phone/prove/", own_phone.prove, name="account_phone_prove"),
    path("company/", company_views.find, name="company_sign_in"),
    path("company/<slug:ticket>/", company_views.go, name="company_sign_in_go"),
    path("join/<str:token>/", joining.join, name="join"),
    path("sessions/", signed_in.places, name="usersessions_list"),
    path("not-me/<str:token>/", disowning.not_me, name="not_me"),
    path("", include("allauth.urls")),
]
