"""`bin/recoup verify`: asks the running system whether its promises hold, and names the rows that break one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from recoup.config.house import House

NAMED_MAX = 20

_WORDS = {
    "I1": "what moved at the provider is what the books say",
    "I2": "never more back than was taken",
    "I3": "the books balance and cannot be changed",
    "I4": "nothing that was asked for is forgotten",
    "I5": "every change is on record and sealed",
    "I6": "nothing is said twice or too early",
    "I7": "nothing moves off the published table",
    "I9": "no row of one company points to another's",
    "I10": "what people promised, enough of them approved",
}

if TYPE_CHECKING:
    from recoup.config.invariants.check import Finding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--once", action="store_true", help="name what looks broken at the first look")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the house told Django where to look
    """0 when all hold, 1 otherwise."""
    from recoup.config.invariants import check

    told: dict[str, object] = {}
    for name, ask in _checks().items():
        finding = check.settled(ask, looks=1 if arguments.once else check.LOOKS)
        told[name] = {
            "ok": not finding.broken,
            "checked": finding.checked,
            "broken": [f"{row}: {words}" for row, words in sorted(finding.broken.items())][:NAMED_MAX],
            "broken_count": len(finding.broken),
        }
        if not arguments.json:
            _print(name, finding.checked, sorted(finding.broken.items()))
    is_well = all(one["ok"] for one in told.values() if isinstance(one, dict))
    if arguments.json:
        print(json.dumps({**told, "ok": is_well}))
    else:
        print("All invariants hold." if is_well else "An invariant is broken: the rows above need a person.")
    return 0 if is_well else 1


def _checks() -> dict[str, Callable[[], Finding]]:
    from recoup.config.invariants import approvals, money, tenants, workflow

    return {
        "I1": money.moved_as_booked,
        "I2": money.never_more_than_captured,
        "I3": money.books_balance,
        "I4": workflow.nothing_forgotten,
        "I5": workflow.every_change_on_record,
        "I6": workflow.nothing_said_twice,
        "I7": workflow.moves_as_published,
        "I9": tenants.nobody_elses,
        "I10": approvals.approved_by_enough,
    }


def _print(name: str, checked: int, broken: list[tuple[str, str]]) -> None:
    print(f"{name:<3} {'holds ' if not broken else 'BROKEN'}  {checked:>9,} checked   {_WORDS[name]}")
    for row, words in broken[:NAMED_MAX]:
        print(f"      {row}: {words}")
    if len(broken) > NAMED_MAX:
        print(f"      and {len(broken) - NAMED_MAX} more")
