"""What a company's keys may, as it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, TextField
from django.db.models.functions import Cast

from recoup.access import origins, tenancy
from recoup.access.models import ApiKey, Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAtWork:
    """A live key. `approve_limit_minor`: its own limit, None for none of its own."""

    id: UUID
    scopes: frozenset[str]
    approve_limit_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimit:
    """Another limit than everybody's, for a company or (with `key_id`) for one of its keys."""

    bucket: str
    key_id: UUID | None
    quota: int
    window_s: int
    set_by: str


@tenancy.query
def limits_set_for(*, merchant_id: UUID) -> list[SetLimit]:
    """What was set for that company, the company's own before those of its keys."""
    rows = Limit.objects.filter(merchant_id=merchant_id).order_by("bucket", F("key_id").asc(nulls_first=True))
    return [
        SetLimit(bucket=row.bucket, key_id=row.key_id, quota=row.quota, window_s=row.window_s, set_by=row.set_by)
        for row in rows
    ]


def sites_of(*, merchant_id: UUID) -> list[str]:
    """The sites whose pages may call with keys of that company."""
    return origins.of_company(merchant_id=merchant_id)


@tenancy.query
def key_at_work(*, merchant_id: UUID, key_id: UUID, at: datetime) -> KeyAtWork | None:
    """The company's key of that id, unless it is revoked or has ended."""
    row = ApiKey.objects.filter(merchant_id=merchant_id, id=key_id, revoked_at=None).first()
    if row is None or (row.expires_at is not None and row.expires_at <= at):
        return None
    return KeyAtWork(id=row.id, scopes=frozenset(row.scopes), approve_limit_minor=row.approve_limit_minor)


def limit_of_asker(by: str, *, merchant_id: UUID, at: datetime) -> int | None:
    """The limit of its own of the key that asks for another key; None for people, and for keys without one."""
    kind, _, key_id = by.partition(":")
    if kind != "key":
        return None
    asker = key_at_work(merchant_id=merchant_id, key_id=UUID(key_id), at=at)
    return asker.approve_limit_minor if asker else 0


def is_above(limit_minor: int | None, *, of_asker: int | None) -> bool:
    """Whether a key with that limit of its own (None: none) may approve more than the one that asks for it."""
    return of_asker is not None and (limit_minor is None or limit_minor > of_asker)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOnTheList:
    """A key, live or not, without its secret."""

    id: UUID
    merchant_id: UUID
    label: str
    hint: str
    scopes: frozenset[str]
    is_live: bool


def keys_on_the_list(*, at: datetime, begins: str = "", merchant_id: UUID | None = None) -> list[KeyOnTheList]:
    """The keys that this transaction may see whose id begins like that, the newest first; at most 200."""
    rows = ApiKey.objects.annotate(name=Cast("id", TextField())).filter(name__startswith=begins.lower())
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    return [
        KeyOnTheList(
            id=row.id,
            merchant_id=row.merchant_id,
            label=row.label,
            hint=row.hint,
            scopes=frozenset(row.scopes),
            is_live=row.revoked_at is None and (row.expires_at is None or row.expires_at > at),
        )
        for row in rows.order_by("-id")[:200]
    ]
