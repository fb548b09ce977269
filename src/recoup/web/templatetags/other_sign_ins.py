"""The buttons of other sign-ins: one for each provider that the settings name (docs/accounts.md)."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django import template

from recoup.web import headers

register = template.Library()


@register.simple_tag(takes_context=True)
def other_sign_ins(context: dict[str, Any]) -> list[Any]:
    """The providers. This page's forms may lead to them, and to nobody else."""
    request = context["request"]
    found: list[Any] = get_adapter().list_providers(request)
    for provider in found:
        for address in (provider.app.settings["server_url"], *provider.app.settings.get("leads_to", ())):
            headers.allow_form_to(request, address)
    return found
