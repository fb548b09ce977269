"""How each company keeps the promise of five minutes, as the worker measured it: shown to shoppers before they ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recoup.insights.models import Promise

#: Of fewer refunds a share says nothing.
GRANTED_MIN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was measured. `p50_s`: seconds from request to the provider's acceptance, half were faster."""

    measured_at: datetime
    granted: int
    in_time: int
    p50_s: float | None
    by_method: tuple[tuple[str, int, float], ...]

    @property
    def says_something(self) -> bool:
        return self.granted >= GRANTED_MIN


def kept_by(company_ids: Collection[UUID]) -> dict[UUID, Kept]:
    """The newest measure of each of these companies; those that were never measured are left out."""
    return {row.id: _kept(row) for row in Promise.objects.filter(id__in=list(company_ids))}


def _kept(row: Promise) -> Kept:
    methods = sorted(row.methods.items(), key=lambda item: -item[1]["count"])
    return Kept(
        measured_at=row.measured_at,
        granted=row.granted,
        in_time=row.in_time,
        p50_s=row.p50_s,
        by_method=tuple((name, told["count"], told["p50_s"]) for name, told in methods),
    )
