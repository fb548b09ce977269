"""What looks wrong in a table: rows that are never reached, rows whose order decides, and reasons without a row.

Two rows are in conflict when they ask about the same facts, may fit the same request, and answer differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recoup.refunds.policy import sheets
from recoup.refunds.policy.reasons import FAULT_REASONS, Reason
from recoup.refunds.policy.schema import TABLES
from recoup.refunds.policy.sheets import Sheet, SheetRow

_NUMBER = re.compile(r"(>=|<=|==|>|<)? ?(\d+)")
_BETWEEN = re.compile(r"\[(\d+)\.\.(\d+)\]")
_NOT_IN = re.compile(r"not in \[(.*)\]")
_ENDLESS = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fits:
    """What a cell fits: texts (or all but these), or whole numbers from `low` to `high`; `opaque`: nobody knows."""

    texts: frozenset[str] | None = None
    is_all_but: bool = False
    low: int = 0
    high: int = -1
    opaque: str = ""

    def covers(self, other: _Fits) -> bool:
        """Whatever the other fits, this fits too; False when nobody knows."""
        if self.opaque or other.opaque:
            return self.opaque == other.opaque
        if self.texts is None or other.texts is None:
            return self.texts is other.texts and self.low <= other.low and other.high <= self.high
        if self.is_all_but:
            return self.texts <= other.texts if other.is_all_but else not self.texts & other.texts
        return not other.is_all_but and other.texts <= self.texts

    def meets(self, other: _Fits) -> bool:
        """Something may fit both; True when nobody knows."""
        if self.opaque or other.opaque or self.texts is None or other.texts is None:
            return bool(self.opaque or other.opaque) or (self.low <= other.high and other.low <= self.high)
        if self.is_all_but and other.is_all_but:
            return True
        if self.is_all_but or other.is_all_but:
            few, many = (other, self) if self.is_all_but else (self, other)
            return bool((few.texts or frozenset()) - (many.texts or frozenset()))
        return bool(self.texts & other.texts)


def findings_of(document: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, ...]]:
    """By table and row, in words. A row that stands before a more general one is how tables are meant: no finding."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for name, schema in TABLES.items():
        if schema.hit_policy == "first":
            sheet = sheets.sheet_of(document, name)
            for place, row in enumerate(sheet.rows):
                if told := _of_a_row(sheet, place):
                    found[name, row.row_id] = told
    return found


def _of_a_row(sheet: Sheet, place: int) -> tuple[str, ...]:
    row, asked = sheet.rows[place], _asked(sheet, sheet.rows[place])
    told = []
    for number, earlier in enumerate(sheet.rows[:place], start=1):
        before = _asked(sheet, earlier)
        if _covers(before, asked):
            return (f"Never reached: row {number} answers first, whatever this row is asked about.",)
        is_met = asked.keys() == before.keys() and all(before[field].meets(fits) for field, fits in asked.items())
        if is_met and not _covers(asked, before) and _answers(sheet, earlier) != _answers(sheet, row):
            told.append(str(number))
    words = [f"Where row {' or '.join(told)} fits as well, the earlier one answers."] if told else []
    if place == len(sheet.rows) - 1 and (reasons := _unnamed(sheet)):
        words.append(f"Reasons that no other row names: {', '.join(reasons)}.")
    return tuple(words)


def _covers(more: Mapping[str, _Fits], less: Mapping[str, _Fits]) -> bool:
    return all(field in less and fits.covers(less[field]) for field, fits in more.items())


def _asked(sheet: Sheet, row: SheetRow) -> dict[str, _Fits]:
    return {
        column.field: _fits(row.cells[column.field], column.type)
        for column in sheet.questions
        if row.cells[column.field]
    }


def _answers(sheet: Sheet, row: SheetRow) -> list[str]:
    return [row.cells[column.field] for column in sheet.answers]


def _unnamed(sheet: Sheet) -> list[str]:
    """Reasons that only the last row answers, in a table that asks about reasons."""
    if "reason" not in {column.field for column in sheet.questions}:
        return []
    named: set[str] = set()
    for row in sheet.rows:
        named |= set(_texts(row.cells["reason"]))
        if row.cells.get("fault") == "yes":
            named |= set(FAULT_REASONS)
    return [reason.value.replace("_", " ") for reason in Reason if reason.value not in named]


def _fits(cell: str, kind: str) -> _Fits:
    if kind == "whole_number":
        return _numbers(cell)
    if kind == "list":
        return _Fits(opaque=cell)
    if but := _NOT_IN.fullmatch(cell):
        return _Fits(texts=frozenset(_texts(but[1])), is_all_but=True)
    return _Fits(opaque=cell) if re.search(r"[$(\[]", cell) else _Fits(texts=frozenset(_texts(cell)))


def _numbers(cell: str) -> _Fits:
    if between := _BETWEEN.fullmatch(cell):
        return _Fits(low=int(between[1]), high=int(between[2]))
    said = _NUMBER.fullmatch(cell)
    if said is None:
        return _Fits(opaque=cell)
    number = int(said[2])
    match said[1]:
        case ">":
            return _Fits(low=number + 1, high=_ENDLESS)
        case ">=":
            return _Fits(low=number, high=_ENDLESS)
        case "<":
            return _Fits(low=-1, high=number - 1)
        case "<=":
            return _Fits(low=-1, high=number)
        case _:
            return _Fits(low=number, high=number)


def _texts(cell: str) -> list[str]:
    return [part.strip().strip('"') for part in cell.split(",") if part.strip()]
