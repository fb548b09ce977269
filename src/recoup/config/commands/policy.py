"""Trying a policy on past cases before it is enabled, and enabling it."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from recoup.config.house import House
from recoup.kernel import clock
from recoup.kernel.errors import Invalid
from recoup.kernel.money import spoken
from recoup.merchants import actions, queries
from recoup.refunds import queries as refunds
from recoup.refunds.policies import policy_of
from recoup.refunds.policy import Comparison, Facts, compare, current_floors, read_policy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`policy try FILE --merchant SLUG --since DATE` and `policy enable FILE --merchant SLUG`."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    trying = verbs.add_parser("try", help="what would have changed; nothing is written")
    trying.add_argument(
        "--since", type=date.fromisoformat, required=True, help="first day of the past cases, 2026-01-31"
    )
    trying.add_argument("--json", action="store_true")
    enabling = verbs.add_parser("enable", help="decide by this policy from now on")
    enabling.add_argument("--note", default="", help="why, for the list of versions")
    for verb in (trying, enabling):
        verb.add_argument("file", type=Path, help="the policy document (docs/policy.md)")
        verb.add_argument("--merchant", help="the company's short name; not needed when there is only one")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when it was tried or enabled. A policy with mistakes is refused with every mistake named."""
    company = _company(arguments.merchant)
    try:
        new = read_policy(arguments.file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise Invalid(f"{arguments.file} cannot be read: {problem.strerror}") from None
    if arguments.verb == "enable":
        return _enable(company, arguments, new.sha256, json.loads(new.document))
    now = queries.policy_now(merchant_id=company.id)
    since = datetime.combine(arguments.since, datetime.min.time(), tzinfo=UTC)
    past = refunds.first_facts_since(merchant_id=company.id, since=since)
    comparison = compare(
        old=policy_of(merchant_id=company.id, version_id=now.version_id),
        new=new,
        cases=((number, Facts.from_mapping(facts)) for number, facts in past),
        floors=current_floors(),
    )
    _show(comparison, as_json=arguments.json)
    return 0


def _enable(
    company: queries.Company, arguments: argparse.Namespace, content_hash: str, document: dict[str, object]
) -> int:
    at = clock.now()
    version_id = actions.add_policy(
        merchant_id=company.id, document=document, content_hash=content_hash, note=arguments.note, by="operator", at=at
    )
    actions.enable_policy(merchant_id=company.id, version_id=version_id, by="operator", at=at)
    print(f"{company.name} decides by this policy from now on (version {version_id}).")
    return 0


def _company(slug: str | None) -> queries.Company:
    if slug:
        return queries.by_slug(slug)
    companies = queries.participating()
    if len(companies) != 1:
        raise Invalid(f"Name the company with --merchant: {', '.join(company.slug for company in companies)}")
    return companies[0]


def _show(comparison: Comparison, *, as_json: bool) -> None:
    if as_json:
        changes = [
            {
                "case": change.case,
                "old": change.old.outcome,
                "new": change.new.outcome,
                "difference_minor": change.difference_minor,
            }
            for change in comparison.changes
        ]
        print(json.dumps({"cases": comparison.cases, "unchanged": comparison.unchanged, "changes": changes}))
        return
    table = Table("case", "today", "with the new policy", "difference")
    for change in comparison.changes[:100]:
        currency = change.currency
        table.add_row(
            change.case,
            change.old.outcome.value,
            change.new.outcome.value,
            spoken(change.difference_minor, currency) if currency != "XXX" else "",
        )
    console = Console()
    if comparison.changes:
        console.print(table)
    console.print(
        f"{comparison.cases} past cases: {comparison.unchanged} unchanged, {len(comparison.changes)} different. "
        "Nothing was written."
    )
