"""A merchant's policy document: read and checked; refused with the table, row and column of each mistake.

A document is JSON: `format`, `version`, `title` and `tables`, where every table is a JDM graph of exactly one input
node, one decision table and one output node, as the editor of GoRules saves it. Tables that the merchant leaves out
are the default's, copied in, so that a stored document is whole. The engine takes a cell that it cannot read for one
that never matches and says nothing; so every cell is tried here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from recoup.kernel.errors import Invalid
from recoup.refunds.policy import cells
from recoup.refunds.policy.schema import TABLES, TableSchema

FORMAT = "recoup-policy-1"
ROWS_MOST = 500
DOCUMENT_BYTES_MOST = 1_000_000

_DOCUMENT_KEYS = frozenset({"format", "version", "title", "tables"})
_GRAPH_KEYS = frozenset({"contentType", "nodes", "edges", "settings"})
_NODE_KEYS = frozenset({"id", "type", "name", "description", "position", "content"})
_CONTENT_KEYS = frozenset(
    {
        "hitPolicy",
        "inputs",
        "outputs",
        "rules",
        "passThrough",
        "passThorough",
        "inputField",
        "outputPath",
        "executionMode",
    }
)
_COLUMN_KEYS = frozenset({"id", "name", "field", "defaultValue"})
_NODE_TYPES = ("inputNode", "decisionTableNode", "outputNode")
_VERSION = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
_ROW_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake and where it is. Rows are counted from 1, as a person counts them."""

    message: str
    table: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        places = [f"table {self.table}" if self.table else "", f"row {self.row}" if self.row else ""]
        places.append(f"column {self.column}" if self.column else "")
        where = ", ".join(place for place in places if place)
        return f"{where}: {self.message}" if where else self.message


class PolicyRefused(Invalid):
    """The document is not a policy. `problems` lists every mistake that was found, with its place."""

    code = "policy_refused"
    title = "This policy cannot be used"

    def __init__(self, problems: list[Problem]) -> None:
        lines = [str(problem) for problem in problems]
        super().__init__("; ".join(lines), errors=lines)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table: its id and its cells by field. An empty input cell fits everything."""

    row_id: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """A document that passed every check. `text` is its canonical JSON; `sha256` names exactly this text."""

    version: str
    title: str
    text: str
    sha256: str
    tables: Mapping[str, tuple[Row, ...]]


def read_document(document: Mapping[str, Any] | str | bytes, *, fallback: Mapping[str, Any]) -> PolicyDocument:
    """The checked document; tables it lacks are taken from `fallback`, a whole document. Raises PolicyRefused."""
    uploaded = _decoded(document)
    problems = list(_mistakes_of_the_cover(uploaded))
    if problems:
        raise PolicyRefused(problems)
    whole = {**uploaded, "tables": {**fallback["tables"], **uploaded["tables"]}}
    tables: dict[str, tuple[Row, ...]] = {}
    for name, schema in TABLES.items():
        reader = _TableReader(name, schema)
        tables[name] = reader.rows_of(whole["tables"][name])
        problems += reader.problems
    if problems:
        raise PolicyRefused(problems)
    text = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
    return PolicyDocument(
        version=whole["version"],
        title=whole["title"],
        text=text.decode(),
        sha256=hashlib.sha256(text).hexdigest(),
        tables=tables,
    )


def _decoded(document: Mapping[str, Any] | str | bytes) -> dict[str, Any]:
    if isinstance(document, Mapping):
        decoded: Any = dict(document)
    else:
        if len(document) > DOCUMENT_BYTES_MOST:
            raise PolicyRefused([Problem(message=f"the document is larger than {DOCUMENT_BYTES_MOST} bytes")])
        try:
            decoded = orjson.loads(document)
        except orjson.JSONDecodeError as error:
            raise PolicyRefused([Problem(message=f"this is not JSON: {error}")]) from None
    if not isinstance(decoded, dict):
        raise PolicyRefused([Problem(message="a policy is a JSON object")])
    return decoded


def _mistakes_of_the_cover(document: Mapping[str, Any]) -> Iterator[Problem]:
    for key in sorted(document.keys() - _DOCUMENT_KEYS):
        yield Problem(message=f"unknown field {key!r}; a policy has {', '.join(sorted(_DOCUMENT_KEYS))}")
    if document.get("format") != FORMAT:
        yield Problem(message=f"format must be {FORMAT!r}")
    if not isinstance(document.get("version"), str) or not _VERSION.match(document["version"]):
        yield Problem(message="version must be 1 to 64 letters, digits, dots, dashes or underscores")
    if not isinstance(document.get("title"), str) or not 0 < len(document["title"]) <= 200:
        yield Problem(message="title must be a text of 1 to 200 characters")
    tables = document.get("tables")
    if not isinstance(tables, Mapping):
        yield Problem(message="tables must be an object of tables by name")
        return
    for name in sorted(tables.keys() - TABLES.keys()):
        yield Problem(message=f"unknown table; there are {', '.join(TABLES)}", table=name)


class _TableReader:
    """Reads one table and collects its mistakes, so that a merchant sees all of them at once."""

    def __init__(self, name: str, schema: TableSchema) -> None:
        self.name = name
        self.schema = schema
        self.problems: list[Problem] = []

    def rows_of(self, graph: object) -> tuple[Row, ...]:
        content = self._table_of(graph)
        if content is None:
            return ()
        inputs = self._columns(content.get("inputs"), known=set(self.schema.inputs), what="input")
        outputs = self._columns(content.get("outputs"), known=set(self.schema.outputs), what="output")
        self._miss_outputs(set(outputs.values()))
        rules = content.get("rules")
        if not isinstance(rules, list) or not rules or len(rules) > ROWS_MOST:
            self._problem(f"a table has 1 to {ROWS_MOST} rows")
            return ()
        rows = [self._row(number, rule, inputs, outputs) for number, rule in enumerate(rules, start=1)]
        if not self.problems:
            self._check_coverage(rows)
        return tuple(rows)

    def _table_of(self, graph: object) -> Mapping[str, Any] | None:
        if not isinstance(graph, Mapping) or not isinstance(graph.get("nodes"), list):
            self._problem("a table is a JDM graph: an object with nodes and edges")
            return None
        self._refuse_unknown(graph, _GRAPH_KEYS, "graph")
        nodes = [node for node in graph["nodes"] if isinstance(node, Mapping)]
        if len(nodes) != len(graph["nodes"]):
            self._problem("every node is an object")
            return None
        for node in nodes:
            self._refuse_unknown(node, _NODE_KEYS, "node")
            if node.get("type") not in _NODE_TYPES:
                self._problem(f"node type {node.get('type')!r} is not allowed: a policy holds decision tables only")
        by_type = {kind: [node for node in nodes if node.get("type") == kind] for kind in _NODE_TYPES}
        if any(len(found) != 1 for found in by_type.values()):
            self._problem("the graph needs exactly one input node, one decision table and one output node")
            return None
        ids = [by_type[kind][0].get("id") for kind in _NODE_TYPES]
        if not self._is_a_line(graph.get("edges"), ids):
            self._problem("the edges must lead from the input through the table to the output, and nowhere else")
        content = by_type["decisionTableNode"][0].get("content")
        if not isinstance(content, Mapping):
            self._problem("the decision table has no content")
            return None
        self._check_settings(content)
        return content

    @staticmethod
    def _is_a_line(edges: object, ids: list[Any]) -> bool:
        if not isinstance(edges, list) or not all(isinstance(edge, Mapping) for edge in edges):
            return False
        found = {(str(edge.get("sourceId")), str(edge.get("targetId"))) for edge in edges}
        return len(edges) == 2 and found == {(str(ids[0]), str(ids[1])), (str(ids[1]), str(ids[2]))}

    def _check_settings(self, content: Mapping[str, Any]) -> None:
        self._refuse_unknown(content, _CONTENT_KEYS, "table")
        if content.get("hitPolicy") != self.schema.hit_policy:
            self._problem(f"hitPolicy must be {self.schema.hit_policy!r}")
        if content.get("executionMode", "single") not in ("single", None):
            self._problem("executionMode must be 'single': Recoup asks the table once per line by itself")
        for key in ("inputField", "outputPath"):
            if content.get(key):
                self._problem(f"{key} must stay empty")

    def _columns(self, columns: object, *, known: set[str], what: str) -> dict[str, str]:
        """Column ids with their fields, in order."""
        fields: dict[str, str] = {}
        if not isinstance(columns, list) or not all(isinstance(column, Mapping) for column in columns):
            self._problem(f"{what}s must be a list of columns")
            return fields
        for column in columns:
            self._refuse_unknown(column, _COLUMN_KEYS, f"{what} column")
            column_id, field = column.get("id"), column.get("field")
            if not isinstance(column_id, str) or not column_id or column_id.startswith("_"):
                self._problem(f"an {what} column needs an id that does not begin with an underscore")
            elif not isinstance(field, str) or field not in known:
                self._problem(f"unknown {what} field; there are {', '.join(sorted(known))}", column=str(field))
            elif field in fields.values() or column_id in fields:
                self._problem(f"{what} column appears twice", column=field)
            else:
                fields[column_id] = field
        return fields

    def _miss_outputs(self, present: set[str]) -> None:
        for field, output in self.schema.outputs.items():
            if output.default is None and field not in present:
                self._problem("this column is missing", column=field)

    def _row(self, number: int, rule: object, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> Row:
        if not isinstance(rule, Mapping):
            self._problem("a row is an object", row=number)
            return Row(row_id="", inputs={}, outputs={})
        for key in sorted(rule.keys() - inputs.keys() - outputs.keys() - {"_id", "_description"}):
            self._problem(f"unknown cell {key!r}", row=number)
        row_id = rule.get("_id")
        if not isinstance(row_id, str) or not _ROW_ID.match(row_id):
            self._problem("_id must be 1 to 64 letters, digits, dashes or underscores", row=number)
            row_id = ""
        asked = {field: self._text(rule.get(key, ""), number, field) for key, field in inputs.items()}
        given = {field: self._text(rule.get(key, ""), number, field) for key, field in outputs.items()}
        for field, cell in asked.items():
            for mistake in cells.mistakes_of_a_question(cell, self.schema.inputs[field]):
                self._problem(mistake, row=number, column=field)
        for field, cell in given.items():
            for mistake in cells.mistakes_of_an_answer(cell, self.schema.outputs[field]):
                self._problem(mistake, row=number, column=field)
        return Row(
            row_id=row_id,
            inputs={field: cell for field, cell in asked.items() if cell},
            outputs={field: cell for field, cell in given.items() if cell},
        )

    def _text(self, cell: object, row: int, column: str) -> str:
        if not isinstance(cell, str):
            self._problem("a cell is a text with an expression in it", row=row, column=column)
            return ""
        return "" if cell.strip() == "-" else cell.strip()

    def _check_coverage(self, rows: list[Row]) -> None:
        for number, row in enumerate(rows, start=1):
            if row.row_id in {other.row_id for other in rows[: number - 1]}:
                self._problem(f"_id {row.row_id!r} is used twice", row=number)
        if self.schema.hit_policy != "first":
            return
        open_rows = [number for number, row in enumerate(rows, start=1) if not row.inputs]
        if not open_rows:
            self._problem("the last row must fit everything: leave all its questions empty", row=len(rows))
        elif open_rows[0] != len(rows):
            self._problem("this row fits everything, so the rows after it are never reached", row=open_rows[0])

    def _refuse_unknown(self, found: Mapping[str, Any], known: frozenset[str], what: str) -> None:
        for key in sorted(found.keys() - known):
            self._problem(f"unknown field {key!r} in a {what}")

    def _problem(self, message: str, *, row: int | None = None, column: str | None = None) -> None:
        self.problems.append(Problem(message=message, table=self.name, row=row, column=column))
