"""The demo world: three companies of our own invention with orders, keys and people. Loading twice changes nothing."""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import requests

from recoup.access import actions as access
from recoup.access.keys import SCOPES
from recoup.callbacks import actions as webhooks
from recoup.callbacks import queries as callbacks
from recoup.config.commands import demo_orders, sign_in
from recoup.config.house import House
from recoup.identity import actions as identity
from recoup.kernel import clock
from recoup.merchants import actions as merchants
from recoup.orders import actions as orders
from recoup.payments import actions as payments

DEMO = UUID("0199a000-0000-7000-8000-000000000000")
WORLD = Path(__file__).with_name("demo_world.json")
TOWN_MAPPING = Path(__file__).resolve().parents[4] / "examples" / "mappings" / "town.json"
EVENTS = ["refund.created", "refund.updated", "refund.failed", "charge.dispute.created", "charge.dispute.closed"]
BY = "demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments: the house says where everything is."""


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """Load what is missing and write the sign-ins to `demo.json` in the data directory."""
    at = clock.now()
    world = json.loads(WORLD.read_text(encoding="utf-8"))
    told = json.loads(house.demo.read_text(encoding="utf-8")) if house.demo.exists() else {}
    keys = {row["slug"]: row["key"] for row in told.get("api_keys", [])}
    passwords = {row["email"]: row["password"] for row in told.get("sign_ins", []) if "password" in row}
    listed: dict[str, Any] = {"sign_ins": [], "second_proof": "", "api_keys": [], "orders_to_try": []}
    listed["second_proof"] = f"six digits of each person's authenticator app: {os.environ['RECOUP_TOWN_URL']}/phones"
    for company in world["companies"]:
        _load_company(company, keys=keys, passwords=passwords, listed=listed, at=at)
    operator = world["operator"]
    password = passwords.get(operator["email"]) or secrets.token_urlsafe(12)
    person_id = identity.add_operator(password=password, **operator)
    _sign_in(person_id, operator, password=password, role=f"{operator['name']}, operator", listed=listed)
    house.demo.write_text(json.dumps(listed, indent=2, ensure_ascii=False), encoding="utf-8")
    house.demo.chmod(0o600)
    print(f"The demo world is loaded: {len(world['companies'])} companies. Sign-ins are in {house.demo}")
    return 0


def _load_company(
    company: dict[str, Any], *, keys: dict[str, str], passwords: dict[str, str], listed: dict[str, Any], at: datetime
) -> None:
    merchant_id = uuid5(DEMO, company["slug"])
    is_new = True
    try:
        merchants.register(
            merchant_id=merchant_id,
            **{name: company[name] for name in ("slug", "name", "country", "currency", "support_email")},
            is_verified=True,
            by=BY,
            at=at,
        )
    except merchants.SlugTaken:
        is_new = False
    if is_new:
        _open_account(merchant_id, company["slug"], at=at)
        if company.get("look"):
            merchants.set_look(merchant_id=merchant_id, **company["look"], by=BY, at=at)
    documents = demo_orders.documents(company, at=at)
    demo_orders.charge_all(company["slug"], documents)
    if is_new:
        for document in documents:
            orders.take_copy(merchant_id=merchant_id, document=document, source="demo", at=at)
        if company.get("town_orders"):
            demo_orders.fill_town(company, at=at)
            merchants.connect_orders(
                merchant_id=merchant_id,
                url=os.environ["RECOUP_TOWN_URL"],
                key=f"town-{company['slug']}",
                mapping=json.loads(TOWN_MAPPING.read_text(encoding="utf-8")),
                fresh_for_s=365 * 86400,
                by=BY,
                at=at,
            )
    if company["slug"] not in keys:
        _, keys[company["slug"]] = access.create_key(merchant_id=merchant_id, label="Demo", scopes=SCOPES, by=BY, at=at)
    for person in company["people"]:
        password = passwords.get(person["email"]) or secrets.token_urlsafe(12)
        person_id = identity.add_member(merchant_id=merchant_id, password=password, **person)
        role = f"{person['name']}, {person['role']} at {company['name']}"
        _sign_in(person_id, person, password=password, role=role, listed=listed)
    _connect_server(merchant_id, company["slug"], at=at)
    if company.get("sign_in"):
        _connect_sign_in(merchant_id, company, at=at)
    listed["api_keys"].append({"company": company["name"], "slug": company["slug"], "key": keys[company["slug"]]})
    listed["orders_to_try"] += [
        {"company": company["name"], "order": row["number"], "email": row["email"], "try": row["try"]}
        for row in [*company["orders"], *company.get("town_orders", [])]
        if row.get("try")
    ]


def _sign_in(person_id: UUID, person: dict[str, str], *, password: str, role: str, listed: dict[str, Any]) -> None:
    """Their authenticator app lies on their phone in the practice town; its secret follows from nothing real."""
    secret = base64.b32encode(hashlib.sha256(f"recoup demo {person['email']}".encode()).digest()[:20]).decode()
    identity.give_authenticator(person_id=person_id, secret=secret)
    phone = {"email": person["email"], "name": person["name"], "secret": secret}
    _post(f"{os.environ['RECOUP_TOWN_URL']}/_practice/phones", phone)
    listed["sign_ins"].append({"who": role, "email": person["email"], "password": password})


def _connect_server(merchant_id: UUID, slug: str, *, at: datetime) -> None:
    """The company's own server, in the practice town, hears of everything: see the town's page /hooks."""
    if callbacks.endpoints(merchant_id=merchant_id):
        return
    town = os.environ["RECOUP_TOWN_URL"]
    _, secret = webhooks.add_endpoint(
        merchant_id=merchant_id,
        url=f"{town}/hooks/{slug}",
        event_types=[name for name, _ in callbacks.CHOICES],
        description="The practice town's server",
        by=BY,
        at=at,
    )
    _post(f"{town}/_practice/hooks", {"shop": slug, "secret": secret})


def _connect_sign_in(merchant_id: UUID, company: dict[str, Any], *, at: datetime) -> None:
    """The company's staff may sign in at the town's door, which stands for a company's own identity provider."""
    door, told = f"{os.environ['RECOUP_TOWN_URL']}/door", dict(company["sign_in"])
    if told["kind"] == "oidc":
        told |= {"issuer": door, "client_id": f"recoup-{company['slug']}", "secret": "practice"}
    else:
        told |= sign_in.from_metadata(f"{door}/saml/metadata")
    domains = sorted({person["email"].partition("@")[2] for person in company["people"]})
    identity.connect_provider(
        merchant_id=merchant_id,
        slug=company["slug"],
        name=company["name"],
        groups_claim="groups",
        domains=domains,
        by=BY,
        at=at,
        **told,
    )


def _open_account(merchant_id: UUID, slug: str, *, at: datetime) -> None:
    """An account at the practice provider, with a webhook endpoint that tells this Recoup."""
    provider = os.environ["RECOUP_PROVIDER_URL"]
    account, api_key = f"acct_{slug.replace('-', '_')}", f"sk_test_{slug.replace('-', '_')}"
    _post(f"{provider}/_practice/accounts", {"id": account, "secret_key": api_key, "profile": "stripe_v1"})
    rail_account_id = uuid5(DEMO, f"account {slug}")
    endpoint = requests.post(
        f"{provider}/v1/webhook_endpoints",
        auth=(api_key, ""),
        data={
            "url": f"{os.environ['RECOUP_WEB_URL']}/webhooks/stripe/{rail_account_id}",
            **{f"enabled_events[{i}]": kind for i, kind in enumerate(EVENTS)},
        },
        timeout=10,
    )
    endpoint.raise_for_status()
    payments.open_account(
        merchant_id=merchant_id,
        rail_account_id=rail_account_id,
        rail="stripe",
        label="Main card account",
        base_url=provider,
        api_key=api_key,
        webhook_secret=endpoint.json()["secret"],
        by=BY,
        at=at,
    )


def _post(url: str, body: dict[str, Any]) -> None:
    requests.post(url, json=body, timeout=30).raise_for_status()
