"""People who leave: everything that let them in ends at once."""

from __future__ import annotations

import argparse
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.access import transactional as access
from recoup.config.house import House
from recoup.identity import actions, naming, roster
from recoup.identity.naming import Named
from recoup.kernel import clock
from recoup.kernel.errors import Invalid, NotFound
from recoup.merchants import queries as merchants

BY = "operator"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`people off-board EMAIL [--company SLUG] [--last-manager] [--yes]`."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    leaving = verbs.add_parser("off-board", help="end their role, sessions, apps, second factors and keys; without "
                               "--yes only say what would end")  # fmt: skip
    leaving.add_argument("email")
    leaving.add_argument("--company", default="", help="its short name; without it everywhere, and the account closes")
    leaving.add_argument("--last-manager", action="store_true", help="even when nobody else manages the company")
    leaving.add_argument("--yes", action="store_true", help="do it")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when it was done, or shown. Raises NotFound (somebody unknown), Invalid (not working there), LastManager."""
    at = clock.now()
    with tenancy.every_merchant():
        person = naming.person_named(arguments.email)
    if person is None:
        raise NotFound(f"There is no account for {arguments.email}")
    companies = _companies(person, arguments.company)
    for merchant_id, role in companies.items():
        keys = _keys_made(person, merchant_id)
        print(f"{merchants.by_id(merchant_id).name}: {role}, {len(keys)} API keys made by them")
        if not arguments.last_manager and roster.is_last_manager(merchant_id=merchant_id, person_id=person.person_id):
            raise actions.LastManager("Make somebody else a manager, or say --last-manager to do it all the same")
    if not arguments.company:
        print("The account closes: no sign-in, no password, no second factor, no operator's rights.")
    if not arguments.yes:
        print("Nothing was done. The same with --yes does it, and ends every session and app of theirs.")
        return 0
    _off_board(person, companies, may_be_last=arguments.last_manager, at=at)
    if not arguments.company:
        actions.close_account(person_id=person.person_id)
    print("Done. No browser, app or key of theirs opens anything.")
    return 0


def _companies(person: Named, slug: str) -> dict[UUID, str]:
    if not slug:
        return person.roles
    merchant_id = merchants.by_slug(slug).id
    if merchant_id not in person.roles:
        raise Invalid(f"{person.email} does not work for {slug}")
    return {merchant_id: person.roles[merchant_id]}


def _off_board(person: Named, companies: dict[UUID, str], *, may_be_last: bool, at: datetime) -> None:
    left = set(person.roles)
    for merchant_id in companies:
        left.discard(merchant_id)
        ended = actions.off_board(
            merchant_id=merchant_id, person_id=person.person_id, works_elsewhere=bool(left), by=BY, at=at,
            may_be_last=may_be_last,
        )  # fmt: skip
        print(
            f"{merchants.by_id(merchant_id).name}: ended {ended.sessions} sessions, {ended.tokens} tokens of apps, "
            f"{ended.second_factors} second factors, {ended.keys} keys, {ended.invitations} invitations"
        )


def _keys_made(person: Named, merchant_id: UUID) -> list[UUID]:
    with tenancy.every_merchant():
        return access.keys_seen_by(f"person:{person.person_id}", merchant_id=merchant_id)
