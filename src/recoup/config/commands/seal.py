"""A secret of the operator's is turned into a setting that may be written down: only this house can open it."""

from __future__ import annotations

import argparse
import getpass
import sys

from recoup.access import sealing
from recoup.config.house import House
from recoup.kernel import sealed_settings
from recoup.kernel.errors import Invalid

LENGTH_MAX = 4_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`seal NAME`; the secret is typed, or comes by standard input, so that no history of commands has it."""
    parser.add_argument("name", choices=sorted(sealed_settings.EMPTY), help="the setting that it is for")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when the line to set was printed. Raises Invalid (nothing was given, or too much)."""
    is_typed = sys.stdin.isatty()
    secret = getpass.getpass("The secret (it is not shown): ") if is_typed else sys.stdin.read(LENGTH_MAX + 1)
    secret = secret.rstrip("\r\n")
    if not secret or len(secret) > LENGTH_MAX:
        raise Invalid(f"Give the secret, up to {LENGTH_MAX} characters, by typing it or by standard input")
    print(f"{arguments.name}={sealing.as_setting(secret)}")
    return 0
