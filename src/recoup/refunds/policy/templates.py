"""Policies to begin from, for a company that has none: the default tables, and two others by a few constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recoup.refunds.policy import sheets
from recoup.refunds.policy.engine import default_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`changes`: (table, row, answer) -> what it answers, in plain writing, instead of the default's answer."""

    title: str
    words: str
    changes: Mapping[tuple[str, str, str], str]

    def document(self) -> dict[str, Any]:
        """The template as a whole document."""
        document = {**default_document(), "title": self.title}
        for (table, row_id, field), answer in self.changes.items():
            sheet = sheets.sheet_of(document, table)
            row = next(row for row in sheet.rows if row.row_id == row_id)
            cells = {**row.cells, field: answer}
            document = sheets.with_row(document, table, row_id=row_id, words=row.words, cells=cells)
        return dict(document)


TEMPLATES: dict[str, Template] = {
    "balanced": Template(
        title="Balanced",
        words="As Recoup decides until you say otherwise: 30 days, small things are kept, dear ones come back.",
        changes={},
    ),
    "generous": Template(
        title="Generous",
        words="100 days for most things, 60 for electronics, and no fee for opened electronics.",
        changes={
            ("window", "usual", "days"): "100",
            ("window", "clothing", "days"): "100",
            ("window", "electronics", "days"): "60",
            ("fees", "opened_electronics", "restocking_basis_points"): "0",
        },
    ),
    "careful": Template(
        title="Careful",
        words="14 days for what is not wanted any more, and whatever is not faulty comes back first.",
        changes={
            ("window", "usual", "days"): "14",
            ("window", "clothing", "days"): "14",
            ("thresholds", "cheap", "ask"): "goods",
            ("thresholds", "cheap", "code"): "goods_back",
        },
    ),
}
