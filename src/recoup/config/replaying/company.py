"""A practice company with its account and charges, by the product's own actions and the provider's controls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import requests
from django.db import connection

from recoup.access import actions as access
from recoup.access import tenancy
from recoup.kernel import clock
from recoup.kernel.errors import Invalid
from recoup.merchants import actions as merchants
from recoup.merchants import queries
from recoup.payments import actions as payments
from recoup.refunds.policy import read_policy

NAMES = UUID("0199a000-0000-7000-8000-00000000e9a1")
BY = "replay"
EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.dispute.created", "charge.dispute.closed")
CHARGES_AT_ONCE = 2000
SCOPES = ("refunds:read", "refunds:write")


class NotInPractice(Invalid):
    """Replayed refunds move practice money only."""

    code = "not_in_practice"
    title = "A replay needs a company in practice mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Whose refunds these are. `account` is its account at the practice provider."""

    id: UUID
    slug: str
    account: str


def ensure(
    *,
    slug: str,
    name: str,
    policy: Path | None,
    provider_url: str,
    webhooks_to: str | None,
    country: str = "GB",
    currency: str = "GBP",
) -> Company:
    """The company exists with its policy and its payment account; what was there already stays. Raises NotInPractice.

    `webhooks_to` is where the web program answers; None: the provider tells nobody anything.
    """
    company = Company(id=uuid5(NAMES, slug), slug=slug, account=f"acct_{slug.replace('-', '_')}")
    at = clock.now()
    try:
        merchants.register(
            merchant_id=company.id,
            slug=slug,
            name=name,
            country=country,
            currency=currency,
            is_verified=True,
            by=BY,
            at=at,
        )
    except merchants.SlugTaken:
        there = queries.by_slug(slug)
        if there.id != company.id or not there.is_practice:
            raise NotInPractice(f"{slug} is another company") from None
    if not _has_account(merchant_id=company.id):
        _open_account(company, provider_url=provider_url, webhooks_to=webhooks_to)
    if policy is not None:
        _decide_by(company, policy)
    return company


@tenancy.query
def _has_account(*, merchant_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM payments_railaccount WHERE merchant_id = %s)", [merchant_id])
        return bool(cursor.fetchone()[0])


def _open_account(company: Company, *, provider_url: str, webhooks_to: str | None) -> None:
    secret_key = f"sk_test_{company.slug.replace('-', '_')}"
    rail_account_id = uuid5(NAMES, f"account {company.slug}")
    account = {"id": company.account, "secret_key": secret_key, "profile": "stripe_v1"}
    requests.post(f"{provider_url}/_practice/accounts", json=account, timeout=30).raise_for_status()
    webhook_secret = None
    if webhooks_to is not None:
        answer = requests.post(
            f"{provider_url}/v1/webhook_endpoints",
            auth=(secret_key, ""),
            data={
                "url": f"{webhooks_to}/webhooks/stripe/{rail_account_id}",
                **{f"enabled_events[{number}]": kind for number, kind in enumerate(EVENTS)},
            },
            timeout=30,
        )
        answer.raise_for_status()
        webhook_secret = answer.json()["secret"]
    payments.open_account(
        merchant_id=company.id,
        rail_account_id=rail_account_id,
        rail="stripe",
        label="Card account",
        base_url=provider_url,
        api_key=secret_key,
        webhook_secret=webhook_secret,
        by=BY,
        at=clock.now(),
    )


def _decide_by(company: Company, path: Path) -> None:
    """The policy in the file decides, as one version however often it is told."""
    policy = read_policy(path.read_text(encoding="utf-8"))
    if queries.policy_now(merchant_id=company.id).content_hash == policy.sha256:
        return
    at = clock.now()
    version_id = merchants.add_policy(
        merchant_id=company.id,
        document=json.loads(policy.document),
        content_hash=policy.sha256,
        note=f"from {path.name}",
        by=BY,
        at=at,
    )
    merchants.enable_policy(merchant_id=company.id, version_id=version_id, by=BY, at=at)


def charge_all(company: Company, *, provider_url: str) -> int:
    """The practice provider holds the charge of every capture that Recoup knows. Gives how many there are."""
    captures = _captures(merchant_id=company.id)
    for start in range(0, len(captures), CHARGES_AT_ONCE):
        charges: list[dict[str, str | int]] = [
            {"id": charge_id, "amount": amount_minor, "currency": currency.lower()}
            for charge_id, amount_minor, currency in captures[start : start + CHARGES_AT_ONCE]
        ]
        body: dict[str, Any] = {"account": company.account, "answer": "count", "charges": charges}
        requests.post(f"{provider_url}/_practice/charges", json=body, timeout=60).raise_for_status()
    return len(captures)


@tenancy.query
def _captures(*, merchant_id: UUID) -> list[tuple[str, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT provider_charge_id, captured_minor, currency FROM payments_capture WHERE merchant_id = %s",
            [merchant_id],
        )
        return list(cursor.fetchall())


@contextmanager
def key_of(company: Company) -> Iterator[str]:
    """An API key that opens the company's refunds until the block ends."""
    key_id, secret = access.create_key(merchant_id=company.id, label="Replay", scopes=SCOPES, by=BY, at=clock.now())
    try:
        yield secret
    finally:
        access.revoke_key(merchant_id=company.id, key_id=key_id, by=BY, at=clock.now())
