"""`bin/recoup [--data-dir DIR] COMMAND`: the operator's command line to a running Recoup."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from django.db import OperationalError

from recoup.config.house import House
from recoup.config.refusals import Refusal as HouseRefusal
from recoup.kernel.errors import Refusal

#: Command -> its module (add_arguments(parser), run(arguments, house) -> exit code) and its line in the help.
COMMANDS: dict[str, tuple[str, str]] = {
    "import": ("import_orders", "bring a company's orders in from files"),
    "replay": ("replay", "feed a shop's real cancellations through the API and count what became of them"),
    "explain": ("explain", "why a case was decided as it was, decided again from its stored inputs"),
    "policy": ("policy", "try a new refund policy on past cases, and enable it"),
    "access": ("access", "who may do what, and why: which policy decides"),
    "verify": ("verify", "check the invariants of the running system"),
    "sign-in": ("sign_in", "let a company's staff sign in at its own identity provider"),
    "oauth": ("oauth", "servers, apps and booths that ask for tokens, and the keys that tokens are signed with"),
    "limits": ("limits", "show and set how much a company may ask for, and from which sites"),
    "seal": ("seal", "turn a secret into a setting that only this Recoup can open"),
    "people": ("people", "let people go: everything that let them in ends at once"),
    "load-demo": ("load_demo", "load the demo world"),
    "screenshots": ("screenshots", "take a picture of every page, in a private Recoup with the demo world"),
}
#: These start a Recoup of their own and need none that runs.
ALONE = frozenset({"screenshots"})
DEFAULT_DATA_DIR = Path(__file__).resolve().parents[3] / "var" / "recoup"


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 when it found or refused something, 2 for wrong words."""
    words = sys.argv[1:] if argv is None else argv
    house, words = _house(words)
    parser = argparse.ArgumentParser(prog="bin/recoup", description="Talk to a running Recoup.")
    parser.add_argument("--data-dir", type=Path, help=f"where it lives (default {DEFAULT_DATA_DIR})")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in words if not word.startswith("-")), "")
    for name, (module_name, line) in COMMANDS.items():
        command = commands.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        if name == wanted:
            if name not in ALONE:
                _set_up_django(house)
            module = importlib.import_module(f"recoup.config.commands.{module_name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    arguments = parser.parse_args(words)
    try:
        return int(arguments.run(arguments, house))
    except (Refusal, HouseRefusal) as refusal:
        print(f"bin/recoup {arguments.command}: {refusal}", file=sys.stderr)
        return 1
    except OperationalError as problem:
        print(f"bin/recoup {arguments.command}: the database does not answer ({_first_line(problem)})", file=sys.stderr)
        print("Is Recoup running? Start it with bin/up; nothing was half done.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was already done is kept; the same command goes on from there.", file=sys.stderr)
        return 130


def _house(words: list[str]) -> tuple[House, list[str]]:
    """The data directory may stand before or after the command."""
    early = argparse.ArgumentParser(add_help=False)
    early.add_argument("--data-dir", type=Path, default=DEFAULT_DATA_DIR)
    found, rest = early.parse_known_args(words)
    return House(found.data_dir.resolve()), rest


def _first_line(problem: Exception) -> str:
    return str(problem).strip().partition("\n")[0]


def _set_up_django(house: House) -> None:
    if house.last_run() is not None:
        os.environ.update(house.environment("cli"))
    elif "RECOUP_DATABASE_URL" not in os.environ:
        print(
            f"There is no Recoup in {house.data_dir}. Start one with bin/up, or name it with --data-dir.",
            file=sys.stderr,
        )
        raise SystemExit(1)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")
    import django

    django.setup()


if __name__ == "__main__":
    raise SystemExit(main())
