"""Apps of companies that ask for tokens, and the keys that tokens are signed with."""

from __future__ import annotations

import argparse
from typing import Any
from uuid import UUID

from recoup.config.house import House
from recoup.identity import actions, app_kinds, company_apps, signing_keys
from recoup.identity.company_apps import AppView
from recoup.kernel import clock
from recoup.merchants import queries as merchants

BY = "operator"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`oauth client list|create|replace-secret|revoke` and `oauth keys list|rotate`."""
    things = parser.add_subparsers(dest="thing", required=True)
    clients = things.add_parser("client", help="servers, apps and booths of a company").add_subparsers(
        dest="verb", required=True
    )
    listing = clients.add_parser("list", help="all apps of the company")
    creating = clients.add_parser("create", help="connect an app; its secret is printed this once")
    creating.add_argument("name", help="what people see when they are asked")
    creating.add_argument("--kind", choices=list(app_kinds.KINDS), required=True)
    creating.add_argument("--scope", action="append", default=[], required=True, help="may be given several times")
    creating.add_argument("--redirect", action="append", default=[], help="where people are sent back to, exactly")
    replacing = clients.add_parser("replace-secret", help="the secret before is worth nothing from now on")
    revoking = clients.add_parser("revoke", help="no token of it opens anything from now on")
    for verb in (replacing, revoking):
        verb.add_argument("client_id", type=UUID)
    for verb in (listing, creating, replacing, revoking):
        verb.add_argument("--merchant", required=True, help="the company's short name")
    keys = things.add_parser("keys", help="what tokens are signed with").add_subparsers(dest="verb", required=True)
    keys.add_parser("list", help="the keys that are published now")
    rotating = keys.add_parser("rotate", help="a new key; the one before is believed until its tokens have ended")
    rotating.add_argument("--at-once", action="store_true", help="somebody has seen the key: nothing of it is believed")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when it was done."""
    return _keys(arguments) if arguments.thing == "keys" else _clients(arguments)


def _clients(arguments: argparse.Namespace) -> int:
    company = merchants.by_slug(arguments.merchant)
    given: dict[str, Any] = {"merchant_id": company.id, "by": BY, "at": clock.now()}
    match arguments.verb:
        case "create":
            app_id, secret = actions.create_app(
                name=arguments.name,
                kind=arguments.kind,
                scopes=arguments.scope,
                redirect_uris=arguments.redirect,
                **given,
            )
            print(f"client_id      {app_id}")
            print(f"client_secret  {secret}" if secret else "no secret: an app of this kind can keep none")
        case "replace-secret":
            print(f"client_secret  {actions.replace_app_secret(app_id=arguments.client_id, **given)}")
        case "revoke":
            actions.revoke_app(app_id=arguments.client_id, **given)
            print("Revoked. No token of it opens anything.")
        case _:
            for app in company_apps.of_company(merchant_id=company.id):
                print(_line(app))
    return 0


def _line(app: AppView) -> str:
    if app.kind is None:
        return f"{app.id}  revoked  {app.name}"
    return f"{app.id}  {app.kind.name:<7}  {app.name}: {' '.join(app.scopes)}"


def _keys(arguments: argparse.Namespace) -> int:
    at = clock.now()
    if arguments.verb == "rotate":
        actions.rotate_signing_key(at=at, at_once=arguments.at_once)
    for key in signing_keys.all_keys(at=at):
        print(f"{key.kid}  {_standing(key)}")
    return 0


def _standing(key: signing_keys.KeyOnTheList) -> str:
    told = ["signs now"] if key.signs_now else []
    if not key.signs_now and key.retires_at is None:
        told.append(f"signs from {key.signs_from:%Y-%m-%d %H:%M:%S} UTC")
    if key.retires_at is not None:
        told.append(f"believed until {key.retires_at:%Y-%m-%d %H:%M:%S} UTC")
    return ", ".join(told)
