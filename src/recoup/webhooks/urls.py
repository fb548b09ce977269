"""Addresses for those who tell us things: `/webhooks/stripe/{rail account}`."""

from __future__ import annotations

from django.urls import path

from recoup.webhooks import views

urlpatterns = [path("stripe/<uuid:rail_account_id>", views.stripe_event, name="webhooks-stripe")]
