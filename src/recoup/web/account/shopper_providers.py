"""Sign-ins at other providers, for shoppers: those that `RECOUP_OIDC_PROVIDERS` names (docs/decisions/0043).

What a provider says about an address never opens an account that was there before. Its owner signs in as always and
connects the provider at `/account/3rdparty/`, which asks for a fresh proof.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.shortcuts import render


def connect_nothing_silently(request: HttpRequest, sociallogin: SocialLogin) -> None:
    """Raises ImmediateHttpResponse, with the page that says what to do, when the address has an account already.

    Only to somebody whose provider has checked the address: nobody else learns that there is one.
    """
    if sociallogin.is_existing or request.user.is_authenticated:
        return
    checked = [one.email for one in sociallogin.email_addresses if one.verified]
    if any(_has_account(email) for email in checked):
        provider: Any = sociallogin.account.get_provider(request)
        context = {"provider": provider.name}
        raise ImmediateHttpResponse(render(request, "account/connect_first.html", context, status=409))


def _has_account(email: str) -> bool:
    found: bool = EmailAddress.objects.filter(email__iexact=email).exists()
    return found
