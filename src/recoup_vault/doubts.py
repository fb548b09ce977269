"""Accounts whose rail does not answer well: a few calls at a time while in doubt, none for a while after five in a row.

A storm then waits in the table, where everybody can see it, instead of in our calls (PROOFS F-33).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from recoup_vault import words
from recoup_vault.words import Said

PATIENCE = 5
CALLS_IN_DOUBT = 4
REST_SECONDS_MIN = 2.0
REST_SECONDS_MAX = 60.0


@dataclass(slots=True)
class _Doubt:
    in_a_row: int = 0
    rest_s: float = REST_SECONDS_MIN
    rests_until_s: float = 0.0


class Doubts:
    """What the last answers say about each account. Used by the main thread only."""

    def __init__(self) -> None:
        self._doubts: dict[UUID, _Doubt] = {}
        self._in_flight: Counter[UUID] = Counter()

    def called(self, account: UUID) -> None:
        """One more call to the account is under way."""
        self._in_flight[account] += 1

    def answered(self, account: UUID, said: Said, *, at_s: float) -> None:
        """A call came back; silence, server errors and refusals to serve us raise a doubt, anything else ends it."""
        self._in_flight[account] -= 1
        if self._in_flight[account] <= 0:
            del self._in_flight[account]
        if said.outcome not in (words.UNKNOWN, words.THROTTLED):
            self._doubts.pop(account, None)
            return
        doubt = self._doubts.setdefault(account, _Doubt())
        doubt.in_a_row += 1
        if doubt.in_a_row >= PATIENCE and at_s >= doubt.rests_until_s:
            doubt.rests_until_s = at_s + doubt.rest_s
            doubt.rest_s = min(doubt.rest_s * 2, REST_SECONDS_MAX)

    def paused(self, *, at_s: float) -> list[UUID]:
        """Accounts that get no new call now."""
        return [account for account, doubt in self._doubts.items() if self._is_full(account, doubt, at_s)]

    def _is_full(self, account: UUID, doubt: _Doubt, at_s: float) -> bool:
        calls_max = CALLS_IN_DOUBT if doubt.in_a_row < PATIENCE else 1
        return at_s < doubt.rests_until_s or self._in_flight[account] >= calls_max
