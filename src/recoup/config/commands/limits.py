"""How much a company may ask for, shown and changed: its API limits, and the sites whose pages may call for it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from uuid import UUID

from recoup.access import actions, limits_rules, queries
from recoup.config.house import House
from recoup.kernel import clock
from recoup.merchants import queries as merchants


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`show`, `set BUCKET 500/10`, `clear BUCKET`, `sites`, `allow-site ORIGIN`, `forbid-site ORIGIN`."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    showing = verbs.add_parser("show", help="every limit; with --merchant also what was set for that company")
    setting = verbs.add_parser("set", help="another limit for one company, or for one of its keys")
    setting.add_argument("bucket", help="what is counted, such as api.key")
    setting.add_argument("amounts", help="how many, in how many seconds: 500/10")
    clearing = verbs.add_parser("clear", help="the usual limit again")
    clearing.add_argument("bucket")
    sites = verbs.add_parser("sites", help="the sites whose pages may call the API with keys of the company")
    allowing = verbs.add_parser("allow-site", help="one more such site")
    forbidding = verbs.add_parser("forbid-site", help="one fewer")
    for verb in (allowing, forbidding):
        verb.add_argument("origin", help="as a browser says it: https://shop.example.com")
    for verb in (setting, clearing):
        verb.add_argument("--key", type=UUID, help="only for this key of theirs")
    for verb in (showing, setting, clearing, sites, allowing, forbidding):
        verb.add_argument("--merchant", required=verb is not showing, help="the company's short name")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when it was done. A changed limit holds from the next handful of requests on, at the latest a window later."""
    merchant_id = merchants.by_slug(arguments.merchant).id if arguments.merchant else None
    by, at = "operator", clock.now()
    if merchant_id is None:
        _show(())
        return 0
    match arguments.verb:
        case "set":
            quota, window_s = limits_rules.read(arguments.amounts)
            actions.set_limit(
                merchant_id=merchant_id,
                bucket=arguments.bucket,
                quota=quota,
                window_s=window_s,
                by=by,
                at=at,
                key_id=arguments.key,
            )
        case "clear":
            actions.clear_limit(merchant_id=merchant_id, bucket=arguments.bucket, by=by, at=at, key_id=arguments.key)
        case "allow-site":
            actions.allow_origin(merchant_id=merchant_id, origin=arguments.origin, by=by, at=at)
        case "forbid-site":
            actions.forbid_origin(merchant_id=merchant_id, origin=arguments.origin, by=by, at=at)
    if arguments.verb.endswith(("site", "sites")):
        for origin in queries.sites_of(merchant_id=merchant_id):
            print(origin)
    else:
        _show(queries.limits_set_for(merchant_id=merchant_id))
    return 0


def _show(set_ones: Sequence[queries.SetLimit]) -> None:
    for bucket, told in limits_rules.RULES.items():
        rule = limits_rules.rule_of(bucket)
        kind = "exact" if rule.is_exact else "     "
        mark = "can be set" if told.is_settable else ""
        print(f"{bucket:<18} {rule.quota:>10} in {rule.window_s:>6} s  {kind}  {mark:<10}  {rule.of}")
        for found in set_ones:
            if found.bucket == bucket:
                whose = f"key {found.key_id}" if found.key_id else "this company"
                print(f"  {whose}: {found.quota} in {found.window_s} s, set by {found.set_by}")
