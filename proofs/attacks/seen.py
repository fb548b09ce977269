"""What one attack saw, and the one line of JSON it is told in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

#: Of a matrix with thousands of cells that is wrong everywhere, whoever mends it reads the first ones.
FINDINGS_MAX = 20


class NotApplicable(Exception):
    """This build or this machine cannot be attacked that way. The message says why, for the last line."""


@dataclass(slots=True)
class Seen:
    """One row: how much was checked, and what did not hold."""

    name: str
    title: str
    checks: int = 0
    controls: int = 0
    findings: list[str] = field(default_factory=list)
    not_applicable: str = ""
    #: Parts that this machine cannot try, by name and reason: told, so that nobody takes them for tried.
    left_out: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def has_passed(self) -> bool:
        return not self.findings and not self.not_applicable and self.checks > 0

    def expect(self, holds: object, words: str) -> None:
        """Count a check, and note what did not hold."""
        self.checks += 1
        if not holds:
            self.findings.append(words)

    def control(self, failed: object, words: str) -> None:
        """A build or a wall was broken on purpose: the attack has to succeed there."""
        self.controls += 1
        if not failed:
            self.findings.append(f"control passed although it is broken: {words}")

    def line(self) -> str:
        """The row as one JSON object."""
        told: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "passed": self.has_passed,
            "checks": self.checks,
            "controls": self.controls,
            "findings": [words[:500] for words in self.findings[:FINDINGS_MAX]],
            "seconds": round(self.seconds, 1),
        }
        if len(self.findings) > FINDINGS_MAX:
            told["more_findings"] = len(self.findings) - FINDINGS_MAX
        if self.left_out:
            told["left_out"] = self.left_out
        if self.not_applicable:
            told["not_applicable"] = self.not_applicable
        return json.dumps(told)


def together(rows: Iterable[Seen], *, not_built: list[str]) -> str:
    """The last line: how many were run, passed, failed or cannot be applied here and why not; and what has no module.

    A row that is not built and was run all the same is among the failed.
    """
    told = list(rows)
    reasons = {row.name: row.not_applicable for row in told if row.not_applicable}
    passed = sum(row.has_passed for row in told)
    return json.dumps(
        {
            "run": len(told),
            "passed": passed,
            "failed": len(told) - passed - len(reasons),
            "not_applicable": len(reasons),
            "reasons": reasons,
            "not_built": not_built,
        }
    )
