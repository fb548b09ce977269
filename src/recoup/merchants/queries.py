"""Reading companies and their policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.kernel.errors import NotFound
from recoup.merchants.models import Merchant, Mode, PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A participating company as everybody may see it."""

    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    mode: str
    is_verified: bool
    tender_strategy: str
    support_email: str

    @property
    def is_practice(self) -> bool:
        return self.mode == Mode.PRACTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNow:
    """The enabled version of a merchant's decision tables; `document` None means the default tables."""

    version_id: UUID | None
    number: int
    document: dict[str, Any] | None
    content_hash: str


def participating(*, search: str = "") -> list[Company]:
    """The companies whose name holds the search words, by name."""
    found = Merchant.objects.all().order_by("name")
    for word in search.split():
        found = found.filter(name__icontains=word)
    return [_company(row) for row in found[:200]]


def by_slug(slug: str) -> Company:
    """The company of that address. Raises NotFound."""
    row = Merchant.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"No company called {slug} takes part")
    return _company(row)


def by_id(merchant_id: UUID) -> Company:
    """The company with that id. Raises NotFound."""
    row = Merchant.objects.filter(id=merchant_id).first()
    if row is None:
        raise NotFound("There is no such company")
    return _company(row)


@tenancy.query
def policy_now(*, merchant_id: UUID) -> PolicyNow:
    """The policy that decides today: the enabled version with the highest number."""
    row = PolicyVersion.objects.filter(merchant_id=merchant_id, enabled_at__isnull=False).order_by("-number").first()
    if row is None:
        return PolicyNow(version_id=None, number=0, document=None, content_hash="")
    return _policy(row)


@tenancy.query
def policy_version(*, merchant_id: UUID, version_id: UUID) -> PolicyNow:
    """One version, enabled or not. Raises NotFound."""
    row = PolicyVersion.objects.filter(merchant_id=merchant_id, id=version_id).first()
    if row is None:
        raise NotFound("There is no such policy version")
    return _policy(row)


def _policy(row: PolicyVersion) -> PolicyNow:
    return PolicyNow(version_id=row.id, number=row.number, document=row.document, content_hash=row.content_hash)


def _company(row: Merchant) -> Company:
    return Company(
        id=row.id,
        slug=row.slug,
        name=row.name,
        country=row.country,
        currency=row.currency,
        mode=row.mode,
        is_verified=row.is_verified,
        tender_strategy=row.tender_strategy,
        support_email=row.support_email,
    )
