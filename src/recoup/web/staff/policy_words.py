"""What the tables of a refund policy are for, in words for the people of a company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recoup.refunds.policy import sheets
from recoup.refunds.policy.schema import TABLES
from recoup.refunds.policy.sheets import Sheet

TITLES = {
    "eligibility": ("May it come back?", "Asked for each item."),
    "window": ("How long may one ask?", "Asked for each item. Days count from the arrival, or from the order."),
    "risk": ("What looks like misuse?", "Every row that fits adds its weight. Shoppers never see this."),
    "evidence": ("What must be shown?", "Asked once for the whole request."),
    "thresholds": ("Who looks, and must the goods come back?", "Asked once for the whole request."),
    "fees": ("What is kept, what is added?", "Asked for each item. A hundred basis points are one percent."),
}
#: So many constants of a cell are shown; of the others it says how many they are.
SHOWN_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A row as a sentence: what it asks, and what it answers."""

    row_id: str
    place: int
    words: str
    questions: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShown:
    """One table with its heading."""

    name: str
    title: str
    hint: str
    is_first: bool
    rows: tuple[RowShown, ...]


def tables_of(
    document: Mapping[str, Any], *, findings: Mapping[tuple[str, str], tuple[str, ...]] | None = None
) -> list[TableShown]:
    """All six tables; `findings` by table and row stand at their rows."""
    return [table_shown(sheets.sheet_of(document, name), findings=findings or {}) for name in TABLES]


def table_shown(sheet: Sheet, *, findings: Mapping[tuple[str, str], tuple[str, ...]]) -> TableShown:
    """One table as it is read."""
    title, hint = TITLES[sheet.name]
    rows = tuple(
        RowShown(
            row_id=row.row_id,
            place=place,
            words=row.words,
            questions=_told(row, sheet.questions),
            answers=_told(row, sheet.answers),
            findings=findings.get((sheet.name, row.row_id), ()),
        )
        for place, row in enumerate(sheet.rows, start=1)
    )
    return TableShown(name=sheet.name, title=title, hint=hint, is_first=sheet.is_first, rows=rows)


def _told(row: sheets.SheetRow, columns: tuple[sheets.Column, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((column.words, _short(row.cells[column.field])) for column in columns if row.cells[column.field])


def _short(cell: str) -> str:
    parts = cell.replace('"', "").split(", ")
    if len(parts) <= SHOWN_MOST + 1 or not cell.replace(", ", "").replace("_", "").isalnum():
        return cell.replace("_", " ") if len(parts) == 1 and " " not in cell else ", ".join(parts).replace("_", " ")
    return f"{', '.join(parts[:SHOWN_MOST])} and {len(parts) - SHOWN_MOST} more".replace("_", " ")
