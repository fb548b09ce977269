"""May they, and why? The same question that every door asks, answered in words."""

from __future__ import annotations

import argparse
import json

from recoup.access import explaining, policies
from recoup.access.explaining import Explanation
from recoup.access.resources import Circumstances
from recoup.config.house import House
from recoup.kernel import clock
from recoup.kernel.errors import Invalid
from recoup.web.staff import naming
from recoup.web.staff.naming import Told, Who


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`access explain PRINCIPAL ACTION RESOURCE` and `access actions`."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    asking = verbs.add_parser("explain", help="may they do that with this, which policy says so, and why")
    asking.add_argument("principal", help=naming.PRINCIPALS)
    asking.add_argument("action", help="such as cases:approve; `access actions` lists them")
    asking.add_argument("resource", help=naming.RESOURCES)
    asking.add_argument("--amount-minor", type=int, help="the amount at hand, instead of the case's")
    asking.add_argument("--limit-minor", type=int, help="their limit, instead of the one they have")
    asking.add_argument("--given", help="keys:write: the scopes that the new key would get, with commas between")
    asking.add_argument("--stale", action="store_true", help="as if their proof of themselves had grown old")
    asking.add_argument("--no-second-factor", action="store_true", help="as if they had given none")
    listing = verbs.add_parser("actions", help="everything that can be asked for")
    for verb in (asking, listing):
        verb.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when the question was answered, whatever the answer is."""
    if arguments.verb == "actions":
        return _list(as_json=arguments.json)
    eyes = naming.Eyes(at=clock.now(), has_second_factor=not arguments.no_second_factor, is_recent=not arguments.stale)
    _must_be_known(arguments.action)
    with eyes.open():
        told = naming.resource(arguments.resource, eyes)
        who = naming.principal(arguments.principal, eyes, company=told.company)
        found = naming.circumstances(told, arguments.action, who.principal, eyes)
    asked = _asked(arguments, found)
    why = explaining.explain(principal=who.principal, action=arguments.action, resource=told.thing, circumstances=asked)
    if arguments.json:
        answer = why.as_json() | {"assumed": list(who.assumed), "ended": who.ended or None}
        print(json.dumps(answer | {"allowed": why.is_allowed and not who.ended}))
    else:
        _tell(who, told, why)
    return 0


def _must_be_known(action: str) -> None:
    try:
        policies.action(action)
    except policies.UnknownAction as problem:
        raise Invalid(str(problem)) from None


def _asked(arguments: argparse.Namespace, found: Circumstances) -> Circumstances:
    given = None if arguments.given is None else frozenset(filter(None, arguments.given.split(",")))
    return Circumstances(
        amount_minor=found.amount_minor if arguments.amount_minor is None else arguments.amount_minor,
        limit_minor=found.limit_minor if arguments.limit_minor is None else arguments.limit_minor,
        given=given,
    )


def _tell(who: Who, told: Told, why: Explanation) -> None:
    is_allowed = why.is_allowed and not who.ended
    print(f"{'ALLOWED' if is_allowed else 'DENIED'}: {who.words}; {why.action.words.lower()}; {told.words}")
    if who.ended:
        print(f"  Why: {who.ended[:1].upper()}{who.ended[1:]}.")
        print("  The policies are not asked. For a live one they would say:")
    print(f"  Why: {why.why}")
    for one in why.deciders:
        print(f"  Decided by: {one.id} ({one.effect}), {one.file} line {one.line}")
    if not why.deciders:
        print("  Decided by: no policy. What no policy allows is denied.")
    if why.instead:
        print(f"  What would help: {why.instead}")
    for name, value in why.circumstances.items():
        print(f"  Looked at: {name.replace('_', ' ')} {value}")
    if who.assumed:
        print(f"  Assumed: {', '.join(who.assumed)}.")


def _list(*, as_json: bool) -> int:
    known = sorted(policies.rules().actions.values(), key=lambda action: action.name)
    if as_json:
        print(json.dumps([{"name": one.name, "words": one.words, "scope": one.scope or None} for one in known]))
        return 0
    for one in known:
        print(f"{one.name:22} {one.words}{f' (scope {one.scope})' if one.scope else ''}")
    return 0
