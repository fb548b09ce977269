"""A vault to which some amounts are poison: one kills it, one keeps a caller busy for ever, one eats its memory.

Nothing like this can be scripted at the provider, so the poison sits where its answers are read.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading

from recoup_vault import __main__ as vault
from recoup_vault.stripe_rail import StripeRail
from recoup_vault.words import Claim, Said

KILLS_MINOR, LOOPS_MINOR, EATS_MINOR = 2 * 1250, 3 * 1250, 4 * 1250
#: For the whole program, the stacks of its callers included: the machine shall not suffer.
MEMORY_BYTES = 400 * 2**20

_ways = {"refund": StripeRail.refund, "look_up": StripeRail.look_up}


def _poison(claim: Claim) -> None:
    if claim.amount_minor == KILLS_MINOR:
        os.kill(os.getpid(), signal.SIGKILL)
    if claim.amount_minor == LOOPS_MINOR:
        threading.Event().wait()
    if claim.amount_minor == EATS_MINOR:
        eaten = []
        while True:
            eaten.append(bytearray(2**20))


def _refund(rail: StripeRail, claim: Claim) -> Said:
    _poison(claim)
    return _ways["refund"](rail, claim)


def _look_up(rail: StripeRail, claim: Claim) -> Said:
    _poison(claim)
    return _ways["look_up"](rail, claim)


if __name__ == "__main__":
    StripeRail.refund = _refund  # type: ignore[method-assign]
    StripeRail.look_up = _look_up  # type: ignore[method-assign]
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    sys.exit(vault.main())
