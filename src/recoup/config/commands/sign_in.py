"""Connecting a company's own identity provider, so that its staff sign in here as they do everywhere at work."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from recoup.config.house import House
from recoup.identity import actions, providers
from recoup.kernel import clock
from recoup.kernel.errors import Invalid
from recoup.merchants import queries as merchants

KEYS = frozenset(
    "kind name issuer client_id secret sso_url certificate groups_claim roles default_role is_required domains "
    "metadata".split()
)
SECONDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`sign-in show SLUG`, `sign-in connect SLUG FILE [--dry-run]`, `sign-in disconnect SLUG`."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    showing = verbs.add_parser("show", help="the provider, and the addresses that it has to be told")
    connecting = verbs.add_parser("connect", help="sign staff in there from now on")
    connecting.add_argument("file", type=Path, help="what the provider is, as JSON (docs/company-sign-in.md)")
    connecting.add_argument("--dry-run", action="store_true", help="ask the provider and check; write nothing")
    disconnecting = verbs.add_parser("disconnect", help="nobody signs in there any more")
    for verb in (showing, connecting, disconnecting):
        verb.add_argument("--merchant", required=True, help="the company's short name")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when it was done; a provider that cannot be read is refused with what is wrong."""
    company = merchants.by_slug(arguments.merchant)
    if arguments.verb == "show":
        return _show(company.slug)
    if arguments.verb == "disconnect":
        was_there = actions.disconnect_provider(merchant_id=company.id, by="operator", at=clock.now())
        print("Disconnected. Roles are kept." if was_there else f"{company.name} has no provider.")
        return 0
    facts = _facts(arguments.file)
    where = _ask_openid(facts["issuer"]) if facts.get("kind") == "oidc" else facts.get("sso_url", "")
    print(f"{facts.get('kind')} at {facts.get('issuer')}: people sign in at {where}")
    if arguments.dry_run:
        print("A dry run: nothing was written.")
        return 0
    facts.setdefault("name", company.name)
    actions.connect_provider(merchant_id=company.id, slug=company.slug, by="operator", at=clock.now(), **facts)
    return _show(company.slug)


def _show(slug: str) -> int:
    name, base = f"company-{slug}", f"{settings.PUBLIC_URL}/account"
    provider = providers.of_company(slug)
    if provider is None:
        print(f"{slug} has no provider. Tell its provider these addresses, then connect it:")
    else:
        print(f"{slug}: {provider.kind}, {provider.issuer}, {'required' if provider.is_required else 'optional'}")
        print(f"roles: {json.dumps(provider.roles)}; without a group: {provider.default_role or 'not let in'}")
    print(f"OpenID Connect  redirect address  {base}/oidc/{name}/login/callback/")
    print(f"SAML            answers (ACS)     {base}/saml/{name}/acs/")
    print(f"SAML            entity, metadata  {base}/saml/{name}/metadata/")
    return 0


def _facts(path: Path) -> dict[str, Any]:
    """What the file says; SAML's addresses and certificate are read from the provider's metadata when it is named."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Invalid(f"{path} cannot be read: {problem}") from None
    if not isinstance(facts, dict) or set(facts) - KEYS:
        raise Invalid(f"{path} must be an object with some of {', '.join(sorted(KEYS))}")
    missing = [name for name in ("kind", "domains") if not facts.get(name)]
    metadata = facts.pop("metadata", "")
    if metadata:
        facts |= from_metadata(metadata)
    if not facts.get("issuer"):
        missing.append("issuer")
    if missing:
        raise Invalid(f"{path} lacks {', '.join(missing)}")
    return facts


def from_metadata(where: str) -> dict[str, str]:
    """Entity id, sign-in address and certificate out of a SAML provider's metadata. Raises Invalid."""
    text = _fetch(where).text if where.startswith("http") else Path(where).read_text(encoding="utf-8")
    try:
        told = OneLogin_Saml2_IdPMetadataParser.parse(text)["idp"]
        body = told.get("x509cert") or told["x509certMulti"]["signing"][0]
        issuer, sso_url = told["entityId"], told["singleSignOnService"]["url"]
    except Exception as problem:  # noqa: BLE001 - the parser raises whatever its XML library does
        raise Invalid(f"{where} is no metadata of a SAML identity provider ({type(problem).__name__})") from None
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    certificate = f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
    return {"issuer": issuer, "sso_url": sso_url, "certificate": certificate}


def _ask_openid(issuer: str) -> str:
    told = _fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration").json()
    if str(told.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise Invalid(f"{issuer} says that it is {told.get('issuer')}")
    return str(told["authorization_endpoint"])


def _fetch(address: str) -> requests.Response:
    try:
        answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
        answer.raise_for_status()
    except requests.RequestException as problem:
        raise Invalid(f"{address} does not answer ({type(problem).__name__})") from None
    return answer
