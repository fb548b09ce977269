"""`bin/proofs attacks [A-01 ...] [--short] --json`: every row of the list, one line each, and the sums in the last."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback
from pathlib import Path

from proofs.attacks import seen
from proofs.attacks.ground import Ground
from proofs.attacks.seen import NotApplicable, Seen

HERE = Path(__file__).parent

#: What is attacked. The order is that of the run.
ROWS: dict[str, str] = {
    "A-01": "A foreign thing looks like none at all, to everybody",
    "A-02": "Nobody does what their role may not, by whatever method",
    "A-03": "Row-level security is really on",
    "A-04": "A pooled connection tells the next company nothing",
    "A-06": "No field is set that nobody offered, none shown that nobody asked for",
    "A-08": "JSON web tokens",
    "A-09": "Stolen refresh tokens",
    "A-10": "Session fixation and cookies",
    "A-11": "Other sites: forged forms, CORS, frames",
    "A-12": "Guessing passwords, and locking others out",
    "A-13": "Finding out who has an account",
    "A-14": "Poisoned password resets",
    "A-15": "Going around the second factor",
    "A-16": "Guests' links and tokens",
    "A-17": "Webhook addresses that point inside",
    "A-22": "Forged webhooks of the payment provider",
    "A-23": "Our webhooks can be believed",
    "A-24": "Limits on how much and how often",
    "A-25": "Limits of amount, and two people",
    "A-30": "TLS and headers",
    "A-32": "Smuggled requests, confused hosts, deceived caches",
    "A-33": "Whatever can be sent breaks nothing",
    "A-36": "Every address is known, and none is there for debugging",
    "A-37": "Bodies and clients made to exhaust us",
}  # fmt: skip


def main(argv: list[str]) -> int:
    """0 when every row that was asked for passed or cannot be applied here."""
    parser = argparse.ArgumentParser(prog="bin/proofs attacks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all of them, or some of {', '.join(ROWS)}")
    parser.add_argument("--short", action="store_true", help="the form that the gate runs")
    parser.add_argument(
        "--built", action="store_true", help="leave out rows that have no module yet; the last line names them"
    )
    parser.add_argument("--json", action="store_true", help="taken for granted: every line is a JSON object")
    arguments = parser.parse_args(argv)
    asked = arguments.names or list(ROWS)
    if unknown := set(asked) - set(ROWS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    built = modules()
    names = [name for name in asked if name in built or not arguments.built]
    rows = []
    with Ground.opened(is_short=arguments.short) as ground:
        for name in names:
            rows.append(attack(ground, name))
            print(rows[-1].line(), flush=True)
    print(seen.together(rows, not_built=[name for name in asked if name not in built]), flush=True)
    return 1 if any(not row.has_passed and not row.not_applicable for row in rows) else 0


def modules() -> dict[str, str]:
    """Row -> its module. Raises ValueError when two modules claim one row, or one is on no list."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("a_*.py")):
        name = f"A-{path.stem.split('_')[1]}"
        if name in found or name not in ROWS:
            raise ValueError(f"{path.name}: {name} is {'there twice' if name in found else 'not in program.ROWS'}")
        found[name] = f"proofs.attacks.{path.stem}"
    return found


def attack(ground: Ground, name: str) -> Seen:
    """One row. An attack that broke off is one that failed."""
    row, began = Seen(name, ROWS[name]), time.monotonic()
    module_name = modules().get(name)
    try:
        if module_name is None:
            row.findings.append(f"not built: there is no proofs/attacks/{name.lower().replace('-', '_')}_<words>.py")
        else:
            module = importlib.import_module(module_name)
            row.title = module.TITLE
            module.run(ground, row)
            row.expect(row.controls, "the row has no control")
    except NotApplicable as reason:
        row.not_applicable = str(reason)
    except Exception as problem:  # noqa: BLE001 - it is told, and fails the row
        traceback.print_exc(file=sys.stderr)
        row.findings.append(f"{type(problem).__name__}: {problem}")
    row.seconds = time.monotonic() - began
    return row
