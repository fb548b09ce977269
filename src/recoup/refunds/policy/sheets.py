"""A policy document as people read and change it: each table with its columns and rows, and cells in plain writing.

Plain writing is what a cell says without the engine's quotation marks: `electronics, phones`, `yes`, `3`. Whatever
plain writing cannot say stays as the engine reads it. Everything here gives a new document; `documents.py` checks it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recoup.refunds.policy.schema import TABLES, InputColumn, OutputColumn

_TEXTS = re.compile(r'"[^"\\,]*"(, *"[^"\\,]*")*')
_LIST = re.compile(r"\[(.*)\]", re.DOTALL)
_CONTAINS = re.compile(r'contains\(\$, "([^"\\]*)"\)')
_ENGINES = re.compile(r'["\'`$(\[]|^not in\b')
_DIGITS = re.compile(r"\d{1,16}")
_CLAIMS = {"true": "yes", "false": "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One question or answer of a table."""

    field: str
    type: str
    meaning: str
    is_question: bool
    choices: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return self.field.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row; `cells` in plain writing by field, empty where it asks or answers nothing."""

    row_id: str
    words: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table. `first`: the first row that fits answers; otherwise every row that fits does."""

    name: str
    is_first: bool
    columns: tuple[Column, ...]
    rows: tuple[SheetRow, ...]

    @property
    def questions(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_question)

    @property
    def answers(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.is_question)

    def place(self, row_id: str) -> int | None:
        """Where the row stands, from 0; None when there is none."""
        return next((place for place, row in enumerate(self.rows) if row.row_id == row_id), None)


def sheet_of(document: Mapping[str, Any], name: str) -> Sheet:
    """One table of a document that was checked."""
    content = _content(document, name)
    fields = {column["id"]: column["field"] for column in (*content["inputs"], *content["outputs"])}
    return Sheet(
        name=name,
        is_first=TABLES[name].hit_policy == "first",
        columns=tuple(column_of(name, field) for field in fields.values()),
        rows=tuple(
            SheetRow(
                row_id=rule["_id"],
                words=rule.get("_description", ""),
                cells={field: plain(rule.get(key, "")) for key, field in fields.items()},
            )
            for rule in content["rules"]
        ),
    )


def column_of(name: str, field: str) -> Column:
    """A column that the table may have, with or without it."""
    schema = TABLES[name]
    found: InputColumn | OutputColumn = schema.inputs.get(field) or schema.outputs[field]
    return Column(
        field=field,
        type=found.type,
        meaning=found.meaning,
        is_question=field in schema.inputs,
        choices=tuple(sorted(found.choices or ())),
    )


def questions_left(sheet: Sheet) -> tuple[Column, ...]:
    """What this table could ask as well."""
    asked = {column.field for column in sheet.questions}
    return tuple(column_of(sheet.name, field) for field in TABLES[sheet.name].inputs if field not in asked)


def with_question(document: Mapping[str, Any], name: str, field: str) -> dict[str, Any]:
    """The table has one more column, which no row asks about yet."""
    changed, content = _copied(document, name)
    content["inputs"].append({"id": f"q-{field}", "name": field.replace("_", " "), "field": field})
    return changed


def with_row(
    document: Mapping[str, Any], name: str, *, row_id: str, words: str, cells: Mapping[str, str]
) -> dict[str, Any]:
    """The row says this; a new one comes first, so that it decides before the others. `cells` in plain writing."""
    changed, content = _copied(document, name)
    rule = {"_id": row_id, "_description": words}
    for column in (*content["inputs"], *content["outputs"]):
        known = column_of(name, column["field"])
        rule[column["id"]] = written(cells.get(known.field, ""), known)
    places = [place for place, old in enumerate(content["rules"]) if old["_id"] == row_id]
    if places:
        content["rules"][places[0]] = rule
    else:
        content["rules"].insert(0, rule)
    return changed


def with_row_moved(document: Mapping[str, Any], name: str, *, row_id: str, by: int) -> dict[str, Any]:
    """The row stands `by` places further down, or up when negative; at the ends it stays."""
    changed, content = _copied(document, name)
    rules = content["rules"]
    place = next((place for place, rule in enumerate(rules) if rule["_id"] == row_id), None)
    if place is not None:
        rule = rules.pop(place)
        rules.insert(max(0, min(len(rules), place + by)), rule)
    return changed


def without_row(document: Mapping[str, Any], name: str, *, row_id: str) -> dict[str, Any]:
    """The row is gone."""
    changed, content = _copied(document, name)
    content["rules"] = [rule for rule in content["rules"] if rule["_id"] != row_id]
    return changed


def plain(cell: str) -> str:
    """A cell of a document in plain writing."""
    cell = cell.strip()
    if cell in _CLAIMS:
        return _CLAIMS[cell]
    if _TEXTS.fullmatch(cell):
        return ", ".join(part.strip()[1:-1] for part in cell.split(","))
    if (inside := _LIST.fullmatch(cell)) and (not inside[1].strip() or _TEXTS.fullmatch(inside[1].strip())):
        return plain(inside[1].strip())
    if contained := _CONTAINS.fullmatch(cell):
        return contained[1]
    if cell.startswith("== ") and _DIGITS.fullmatch(cell[3:]):
        return cell[3:]
    return cell[1:-1] if re.fullmatch(r'"[^"\\]*"', cell) else cell


def written(typed: str, column: Column) -> str:
    """What was typed, as the engine reads it. What is written for the engine already stays so."""
    typed = typed.strip()
    if column.type == "yes_or_no":
        return {"yes": "true", "no": "false"}.get(typed.lower(), typed)
    if column.type == "whole_number":
        return f"== {typed}" if column.is_question and _DIGITS.fullmatch(typed) else typed
    if not typed and not (column.type == "list" and not column.is_question):
        return ""
    if column.type == "text" and not column.is_question:
        return typed if typed.startswith('"') else _quoted(typed)
    if _ENGINES.search(typed):
        return typed
    parts = [part.strip() for part in typed.split(",") if part.strip()]
    if column.type == "list":
        if column.is_question:
            return f'contains($, "{typed}")'
        return f"[{', '.join(map(_quoted, parts))}]" if parts else ""
    return ", ".join(map(_quoted, parts))


def _quoted(text: str) -> str:
    return f'"{text}"'


def _copied(document: Mapping[str, Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    changed = copy.deepcopy(dict(document))
    return changed, _content(changed, name)


def _content(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    nodes = document["tables"][name]["nodes"]
    return next(node["content"] for node in nodes if node["type"] == "decisionTableNode")
