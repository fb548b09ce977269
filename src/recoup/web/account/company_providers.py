"""Signing in at one's own company: what django-allauth asks about it, and what we do when somebody comes back.

A company's provider is a row of ours (`recoup.identity.providers`), not one of allauth's: it belongs to a tenant, and
it may speak for the addresses of its own domains only. Other providers, for shoppers, come from the settings.
"""

from __future__ import annotations

from typing import Any, NoReturn
from uuid import UUID

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.shortcuts import render

from recoup.access import sealing
from recoup.identity import actions as identity
from recoup.identity import providers
from recoup.kernel import clock
from recoup.web.account import shopper_providers

#: Before the company's slug in the names that allauth knows: `company-kopi-corner`.
PREFIX = "company-"


class OtherSignIns(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Companies' own providers beside those of the settings."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        """What is asked for by name is looked up; a list of all is a list of those in the settings only."""
        slug = _slug_in(provider) or _slug_in(client_id)
        if not slug:
            return [app for app in super().list_apps(request, provider, client_id) if not _slug_in(app.provider_id)]
        found = providers.of_company(slug)
        return [] if found is None else [app_of(found)]

    def send_notification_mail(self, template_prefix: str, user: Any, context: Any = None, **more: Any) -> None:
        """Somebody whose company let them in needs no mail about it; whoever connected something themselves does."""
        account = (context or {}).get("account")
        if account is None or not _slug_in(account.provider):
            super().send_notification_mail(template_prefix, user, context, **more)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The company vouches for its own people, and the role they have there is the role they have here."""
        slug = _slug_in(sociallogin.account.provider)
        if not slug:
            shopper_providers.connect_nothing_silently(request, sociallogin)
            return
        provider = providers.of_company(slug)
        email = _address(sociallogin)
        if provider is None or not email or _provider_of(email) != provider.id:
            _refuse(request, "Your company's sign-in gave an address that it may not speak for.")
        if sociallogin.is_existing and sociallogin.user.email != email:
            _refuse(request, "Your company's sign-in knows you under another address than before.")
        try:
            person_id = identity.admit_by_provider(
                merchant_id=provider.merchant_id,
                email=email,
                name=_name(sociallogin),
                role=provider.role_for(_groups(sociallogin, provider)),
                provider_id=provider.id,
                at=clock.now(),
            )
        except identity.NotLetIn as refusal:
            _refuse(request, refusal.title)
        if person_id is None:
            _refuse(request, identity.NotLetIn.title)
        if not sociallogin.is_existing:
            sociallogin.connect(request, get_user_model().objects.get(pk=person_id))


def vouches(record: dict[str, Any], *, merchant_id: UUID) -> bool:
    """Whether an entry of allauth's log of a sign-in says that the person came from that company's own provider."""
    slug = _slug_in(record.get("provider")) if record.get("method") == "socialaccount" else ""
    provider = providers.of_company(slug) if slug else None
    return provider is not None and provider.merchant_id == merchant_id


def came_from_company(request: HttpRequest) -> bool:
    """Whether the sign-in that is under way began at a company's own provider: then its proof is the company's."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    return (
        bool(records) and records[-1].get("method") == "socialaccount" and bool(_slug_in(records[-1].get("provider")))
    )


def must_go_to_company(request: HttpRequest, email: str) -> bool:
    """Whether the address belongs to a company that lets its people sign in only at its own provider."""
    provider = providers.of_address(email)
    return provider is not None and provider.is_required and not came_from_company(request)


def app_of(provider: providers.Provider) -> SocialApp:
    """The provider as allauth wants it told; never stored."""
    name = f"{PREFIX}{provider.slug}"
    if provider.kind == "oidc":
        return SocialApp(
            provider="openid_connect",
            provider_id=name,
            name=provider.name,
            client_id=provider.client_id,
            secret=sealing.open_ours(provider.secret_sealed),
            settings={"server_url": provider.issuer, "oauth_pkce_enabled": True},
        )
    return SocialApp(
        provider="saml",
        provider_id=name,
        name=provider.name,
        client_id=name,
        settings={
            "idp": {"entity_id": provider.issuer, "sso_url": provider.sso_url, "x509cert": provider.certificate},
            "advanced": {
                "strict": True,
                "want_assertion_signed": True,
                "want_name_id": True,
                "reject_deprecated_algorithm": True,
                "reject_idp_initiated_sso": True,
                "allow_single_label_domains": True,
                "allow_repeat_attribute_name": False,
            },
        },
    )


def _slug_in(name: Any) -> str:
    return name.removeprefix(PREFIX) if isinstance(name, str) and name.startswith(PREFIX) else ""


def _address(sociallogin: SocialLogin) -> str:
    addresses = [one.email for one in sociallogin.email_addresses] or [getattr(sociallogin.user, "email", "")]
    return (addresses[0] or "").strip().lower()


def _provider_of(email: str) -> Any:
    found = providers.of_address(email)
    return found and found.id


def _told(sociallogin: SocialLogin) -> dict[str, Any]:
    data = sociallogin.account.extra_data
    return (
        {**data.get("id_token", {}), **data.get("userinfo", {})} if "id_token" in data or "userinfo" in data else data
    )


def _name(sociallogin: SocialLogin) -> str:
    told = _told(sociallogin)
    name = told.get("name") or told.get("urn:oid:2.16.840.1.113730.3.1.241") or ""
    return str(name[0] if isinstance(name, list) and name else name)[:200]


def _groups(sociallogin: SocialLogin, provider: providers.Provider) -> list[str]:
    told = _told(sociallogin).get(provider.groups_claim, []) if provider.groups_claim else []
    return [str(group) for group in told] if isinstance(told, list) else [str(told)]


def _refuse(request: HttpRequest, why: str) -> NoReturn:
    raise ImmediateHttpResponse(render(request, "account/not_let_in.html", {"why": why}, status=403))
