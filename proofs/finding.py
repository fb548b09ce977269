"""What one proof saw, and the one line of JSON it is told in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_SUMMED = ("refunds", "kills", "lost", "double_payments", "controls", "controls_failed_as_they_must")


@dataclass(slots=True)
class Finding:
    """What one test saw. `is_well` is false when anything was lost, doubled or an expectation did not hold."""

    name: str
    refunds: int = 0
    kills: int = 0
    lost: int = 0
    double_payments: int = 0
    worst_recovery_s: float = 0.0
    controls_failed_as_they_must: int = 0
    controls: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.double_payments or self.broken) and (
            self.controls_failed_as_they_must == self.controls
        )

    def expect(self, holds: bool, words: str) -> None:
        """Note what did not hold."""
        if not holds:
            self.broken.append(words)

    def control(self, failed: bool, words: str) -> None:
        """A broken build was tried; it has to have failed."""
        self.controls += 1
        self.controls_failed_as_they_must += failed
        self.expect(failed, f"control passed although it is broken: {words}")

    def took(self, seconds: float) -> None:
        """Somebody waited so long for the next progress."""
        self.worst_recovery_s = max(self.worst_recovery_s, seconds)

    def line(self) -> str:
        """The finding as one JSON object; `broken` only where something is."""
        told: dict[str, Any] = {
            "name": self.name,
            "refunds": self.refunds,
            "kills": self.kills,
            "lost": self.lost,
            "double_payments": self.double_payments,
            "worst_recovery_s": round(self.worst_recovery_s, 2),
            "controls_failed_as_they_must": self.controls_failed_as_they_must,
        }
        return json.dumps(told | ({"broken": self.broken} if self.broken else {}))


def together(name: str, findings: Iterable[Finding]) -> Finding:
    """The sums of several findings, and the worst of their recoveries."""
    total = Finding(name)
    for one in findings:
        for figure in _SUMMED:
            setattr(total, figure, getattr(total, figure) + getattr(one, figure))
        total.took(one.worst_recovery_s)
        total.broken += [f"{one.name}: {words}" for words in one.broken]
    return total
