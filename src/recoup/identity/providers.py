"""A company's own identity provider as the pages see it: found by address or by company, before anybody is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

_COLUMNS = (
    "id, merchant_id, slug, name, kind, issuer, client_id, secret_sealed, sso_url, certificate, groups_claim, roles, "
    "default_role, is_required"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An enabled identity provider. `roles`: its group -> our role; `default_role`: of whoever is in none of them."""

    id: UUID
    merchant_id: UUID
    slug: str
    name: str
    kind: str
    issuer: str
    client_id: str
    secret_sealed: bytes
    sso_url: str
    certificate: str
    groups_claim: str
    roles: dict[str, str]
    default_role: str | None
    is_required: bool

    def role_for(self, groups: list[str]) -> str | None:
        """The role of somebody in these groups: the most powerful of those that are named; None lets nobody in."""
        named = [self.roles[group] for group in groups if group in self.roles]
        return max(named, key=_POWER.index) if named else self.default_role


_POWER = ("auditor", "booth", "support", "reviewer", "manager")


def of_address(email: str) -> Provider | None:
    """The provider that speaks for the address; None when there is none."""
    return _found(email.rpartition("@")[2].strip().lower(), "")


def of_company(slug: str) -> Provider | None:
    """The provider of the company with that slug."""
    return _found("", slug)


def _found(domain: str, slug: str) -> Provider | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM identity_find_provider(%s, %s)", [domain, slug])  # noqa: S608 - ours
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    return None if row is None else Provider(**_told(dict(zip(names, row, strict=True))))


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "secret_sealed": bytes(row["secret_sealed"]), "roles": json.loads(row["roles"])}
