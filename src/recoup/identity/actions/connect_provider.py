"""A company's staff sign in where they always do: at the company's own identity provider."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from cryptography import x509
from django.db import transaction
from django.db.models import Q

from recoup.access import sealing, tenancy
from recoup.events import transactional as events
from recoup.identity.models import IdentityProvider, ProviderDomain, ProviderKind, Role
from recoup.kernel.errors import Invalid, Refusal

_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")


class DomainTaken(Refusal):
    """Another company's provider speaks for the addresses of that domain."""

    code = "domain_taken"
    status = 409
    title = "Another company's identity provider speaks for that domain"


@tenancy.action
def connect_provider(
    *,
    merchant_id: UUID,
    slug: str,
    name: str,
    kind: str,
    issuer: str,
    domains: Collection[str],
    by: str,
    at: datetime,
    client_id: str = "",
    secret: str = "",
    sso_url: str = "",
    certificate: str = "",
    groups_claim: str = "",
    roles: Mapping[str, str] | None = None,
    default_role: str | None = None,
    is_required: bool = False,
) -> UUID:
    """Whoever has an address of these domains may sign in there afterwards; an earlier provider is replaced.

    Who calls this has made sure that the domains are the company's. Raises Invalid, DomainTaken.
    """
    names = sorted({domain.strip().lower() for domain in domains})
    roles = dict(roles or {})
    _check(kind=kind, issuer=issuer, sso_url=sso_url, certificate=certificate, client_id=client_id, secret=secret)
    _check_who(names, [*roles.values(), *([default_role] if default_role else [])])
    facts = {
        "slug": slug, "name": name, "kind": kind, "issuer": issuer.rstrip("/") if kind == "oidc" else issuer,
        "client_id": client_id, "secret_sealed": sealing.seal_for_us(secret) if secret else b"", "sso_url": sso_url,
        "certificate": certificate, "groups_claim": groups_claim, "roles": roles, "default_role": default_role,
        "is_required": is_required, "is_enabled": True,
    }  # fmt: skip
    provider, _ = IdentityProvider.objects.update_or_create(
        merchant_id=merchant_id, defaults=facts, create_defaults={**facts, "created_at": at}
    )
    ProviderDomain.objects.filter(provider=provider).exclude(domain__in=names).delete()
    kept = set(ProviderDomain.objects.filter(provider=provider).values_list("domain", flat=True))
    new = [ProviderDomain(domain=one, merchant_id=merchant_id, provider=provider) for one in names if one not in kept]
    added = len(ProviderDomain.objects.bulk_create(new, ignore_conflicts=True))
    if ProviderDomain.objects.filter(Q(provider=provider), domain__in=names).count() != len(names) or added != len(new):
        transaction.set_rollback(True)
        raise DomainTaken
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="identity_provider.connected", subject_id=provider.id, actor=by,
                data={"kind": kind, "is_required": is_required},
            )
        ]
    )  # fmt: skip
    return provider.id


def _check(*, kind: str, issuer: str, sso_url: str, certificate: str, client_id: str, secret: str) -> None:
    if kind not in ProviderKind.values:
        raise Invalid(f"a provider is one of {', '.join(ProviderKind.values)}")
    if kind == ProviderKind.OIDC:
        _check_address("issuer", issuer)
        if not client_id or not secret:
            raise Invalid("an OpenID Connect provider needs the client id and the secret that it gave to Recoup")
        return
    if not issuer:
        raise Invalid("a SAML provider needs its entity id")
    _check_address("sso_url", sso_url)
    try:
        x509.load_pem_x509_certificate(certificate.encode())
    except ValueError:
        raise Invalid("a SAML provider needs its signing certificate, in PEM form") from None


def _check_address(name: str, address: str) -> None:
    parts = urlsplit(address)
    is_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or is_here) or parts.username or parts.fragment:
        raise Invalid(f"{name} must be an https address, such as https://login.example.com")


def _check_who(domains: list[str], roles: list[str]) -> None:
    wrong = [domain for domain in domains if not _DOMAIN.fullmatch(domain)]
    if not domains or wrong:
        raise Invalid(f"not a domain: {', '.join(wrong)}" if wrong else "at least one e-mail domain is needed")
    unknown = set(roles) - set(Role.values)
    if unknown:
        raise Invalid(f"there is no role {', '.join(sorted(unknown))}; there are {', '.join(Role.values)}")
