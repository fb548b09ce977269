"""Reading companies and their policies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.kernel.errors import NotFound
from recoup.merchants.models import ApprovalLimits, Look, Merchant, Mode, PolicyDraft, PolicyVersion


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
class LookNow:
    """How a company's own page looks. `colour` is `#rrggbb` or empty; `logo_mark` names the logo, or is empty."""

    colour: str = ""
    welcome: str = ""
    logo_mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNow:
    """The enabled version of a merchant's decision tables; `document` None means the default tables."""

    version_id: UUID | None
    number: int
    document: dict[str, Any] | None
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOnRecord:
    """One version of a merchant's decision tables: who made it, when, why, and since when it may decide."""

    number: int
    title: str
    note: str
    created_by: str
    created_at: datetime
    enabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The tables that managers work on; see `models.PolicyDraft`."""

    document: dict[str, Any]
    based_on: int
    revision: int
    past_run: dict[str, Any]
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be approved by whom, in minor units of the company's currency; None stands for no limit.

    `four_eyes_...`: when two people have to say yes: from an amount or a risk score on, or to these reasons. `number`
    0: never set.
    """

    number: int = 0
    reviewer_limit_minor: int | None = None
    manager_limit_minor: int | None = None
    key_limit_minor: int | None = None
    four_eyes_from_minor: int | None = None
    four_eyes_from_risk: int | None = None
    four_eyes_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSet:
    """A version of the limits: what somebody set, who, when and with which note."""

    limits: Limits
    note: str
    created_by: str
    created_at: datetime


LOOSER_AFTER = timedelta(days=1)
#: A limit that is null is none, and the aggregates pass over it: the tightest of what is left counts.
_TIGHTEST = """
WITH lately AS (
    SELECT * FROM merchants_approvallimits
     WHERE merchant_id = %(merchant_id)s
       AND number >= coalesce((SELECT max(number) FROM merchants_approvallimits
                                WHERE merchant_id = %(merchant_id)s AND created_at <= %(since)s), 0)
)
SELECT max(number), min(reviewer_limit_minor), min(manager_limit_minor), min(key_limit_minor),
       min(four_eyes_from_minor), min(four_eyes_from_risk),
       (SELECT array_agg(DISTINCT reason ORDER BY reason) FROM lately, unnest(four_eyes_reasons) AS reason)
  FROM lately
"""


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


def names_of(merchant_ids: Collection[UUID]) -> dict[UUID, str]:
    """What these companies are called."""
    return dict(Merchant.objects.filter(id__in=set(merchant_ids)).values_list("id", "name"))


def look_of(merchant_id: UUID) -> LookNow:
    """How the company's own page looks; plain when nothing was chosen."""
    row = Look.objects.filter(id=merchant_id).values("colour", "welcome", "logo_mark").first()
    return LookNow(**row) if row else LookNow()


def logo(*, merchant_id: UUID, mark: str) -> bytes:
    """The logo with that mark, as PNG. Raises NotFound."""
    found = Look.objects.filter(id=merchant_id, logo_mark=mark).exclude(logo_mark="").values_list("logo")
    row = found.first()
    if row is None:
        raise NotFound("There is no such logo")
    return bytes(row[0])


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


@tenancy.query
def policy_numbered(*, merchant_id: UUID, number: int) -> PolicyNow:
    """The version of that number, enabled or not; number 0: the default tables. Raises NotFound."""
    if number == 0:
        return PolicyNow(version_id=None, number=0, document=None, content_hash="")
    row = PolicyVersion.objects.filter(merchant_id=merchant_id, number=number).first()
    if row is None:
        raise NotFound("There is no such version of your policy")
    return _policy(row)


@tenancy.query
def past_policies(*, merchant_id: UUID, limit: int = 100) -> list[PolicyOnRecord]:
    """Who made which version, when and why: the newest first."""
    found = PolicyVersion.objects.filter(merchant_id=merchant_id).order_by("-number")
    names = ("number", "document__title", "note", "created_by", "created_at", "enabled_at")
    return [
        PolicyOnRecord(title=row.pop("document__title") or "", **row)
        for row in map(dict[str, Any], found.values(*names)[:limit])
    ]


@tenancy.query
def policy_draft(*, merchant_id: UUID) -> Draft | None:
    """The draft that managers work on, if there is one."""
    row = PolicyDraft.objects.filter(merchant_id=merchant_id).values(*Draft.__slots__).first()
    return Draft(**row) if row else None


@tenancy.query
def approval_limits(*, merchant_id: UUID, at: datetime) -> Limits:
    """The limits that count at that moment; none at all when the company has set none.

    Tighter ones count at once. Looser ones count `LOOSER_AFTER` they were set: so nobody lifts a limit, approves, and
    puts it back. Of everything that was set within that time, and what it replaced, the tightest counts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TIGHTEST, {"merchant_id": merchant_id, "since": at - LOOSER_AFTER})
        number, *amounts, reasons = cursor.fetchone()
    names = ("reviewer_limit_minor", "manager_limit_minor", "key_limit_minor", "four_eyes_from_minor")
    return Limits(
        number=number or 0,
        **dict(zip((*names, "four_eyes_from_risk"), amounts, strict=True)),
        four_eyes_reasons=tuple(reasons or ()),
    )


@tenancy.query
def past_approval_limits(*, merchant_id: UUID, limit: int = 50) -> list[LimitsSet]:
    """Who set which limits when, the newest first."""
    found = ApprovalLimits.objects.filter(merchant_id=merchant_id).order_by("-number")[:limit]
    return [
        LimitsSet(
            limits=Limits(
                four_eyes_reasons=tuple(row.four_eyes_reasons),
                **{name: getattr(row, name) for name in Limits.__slots__ if name != "four_eyes_reasons"},
            ),
            note=row.note,
            created_by=row.created_by,
            created_at=row.created_at,
        )
        for row in found
    ]


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
