"""A merchant's policy made ready to ask: every table compiled once by zen-engine, then asked in microseconds.

`ZenDecision.evaluate` compiles the whole graph on every call (about 0.3 ms); an engine with the graphs in its static
loader compiles once and answers in about 0.015 ms. So a `Policy` owns one engine with two graphs: one asks whether
each line may come back, the other what is needed and what is kept.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import orjson
import zen

from recoup.refunds.policy.cells import constant
from recoup.refunds.policy.documents import FORMAT, PolicyDocument, Row, read_document
from recoup.refunds.policy.schema import TABLES, TableSchema

#: The two graphs. Risk belongs to the first, because the second may ask for its score.
GRAPHS: dict[str, tuple[str, ...]] = {
    "first_look": ("eligibility", "window", "risk"),
    "second_look": ("evidence", "thresholds", "fees"),
}


class PolicyUnclear(Exception):
    """A table gave no answer, or one of the wrong type. The caller lets a person decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of a merchant's decision tables. Equal documents have equal hashes, and decide alike.

    `columns` names, for each graph, the facts of a line and of the case that some row asks about; `answers` holds what
    each row answers, by `table.row`.
    """

    version: str
    title: str
    sha256: str
    document: str
    engine: zen.ZenEngine = field(repr=False, compare=False)
    columns: Mapping[str, tuple[frozenset[str], frozenset[str]]] = field(repr=False, compare=False)
    answers: Mapping[str, Mapping[str, Any]] = field(repr=False, compare=False)

    def ask(self, graph: str, context: Mapping[str, Any], *, trace: bool = False) -> dict[str, Any]:
        """The answers of one graph by table; with `trace`, the engine's own trace under the key `trace`.

        Raises PolicyUnclear when a table does not answer with one of its rows.
        """
        options: zen.DecisionEvaluateOptions | None = {"trace": True} if trace else None
        try:
            response = self.engine.evaluate(graph, dict(context), options)
        except RuntimeError as error:
            raise PolicyUnclear(f"the engine refused {graph}: {str(error)[:200]}") from error
        answers: dict[str, Any] = {}
        for name in GRAPHS[graph]:
            answers[name] = self._known(name, response["result"].get(name), count=len(context["lines"]))
        if trace:
            answers["trace"] = response["trace"]
        return answers

    def _known(self, name: str, given: Any, *, count: int) -> Any:
        """The answer as it was checked when the policy was read: whole numbers stay int whatever the engine makes."""
        schema = TABLES[name]
        if schema.per == "case" and schema.hit_policy == "first":
            return self._known_row(name, given)
        if not isinstance(given, list) or (schema.per == "line" and len(given) != count):
            raise PolicyUnclear(f"table {name} gave no answer")
        return [self._known_row(name, row) for row in given]

    def _known_row(self, name: str, given: Any) -> Mapping[str, Any]:
        known = self.answers.get(given.get("rule", "")) if isinstance(given, dict) else None
        if known is None or known != given:
            raise PolicyUnclear(f"table {name} answered {given!r}, which is none of its rows")
        return known


def read_policy(document: Mapping[str, Any] | str | bytes) -> Policy:
    """The policy of a merchant's document; missing tables are the default's. Raises PolicyRefused with every mistake.

    Reading costs a few milliseconds: keep the result, or ask `policy_from_text`, which keeps it for you.
    """
    return _compiled(read_document(document, fallback=default_document()))


@functools.lru_cache(maxsize=1024)
def policy_from_text(text: str) -> Policy:
    """The policy of a stored canonical document, kept in memory from then on. Raises PolicyRefused."""
    return read_policy(text)


@functools.cache
def default_policy() -> Policy:
    """The policy of a merchant who has not written one: `tables/default`."""
    return read_policy(default_document())


@functools.cache
def default_document() -> Mapping[str, Any]:
    """The default tables as one document."""
    folder = resources.files(__package__) / "tables" / "default"
    cover = orjson.loads((folder / "policy.json").read_bytes())
    tables = {name: orjson.loads((folder / f"{name}.json").read_bytes()) for name in TABLES}
    return {"format": FORMAT, **cover, "tables": tables}


def _compiled(document: PolicyDocument) -> Policy:
    content = {graph: _graph(names, document.tables) for graph, names in GRAPHS.items()}
    return Policy(
        version=document.version,
        title=document.title,
        sha256=document.sha256,
        document=document.text,
        engine=zen.ZenEngine({"loader": {"type": "static", "content": content}}),
        columns={
            graph: (_columns(names, "line", document.tables), _columns(names, "case", document.tables))
            for graph, names in GRAPHS.items()
        },
        answers={f"{name}.{row.row_id}": _answer(name, row) for name, rows in document.tables.items() for row in rows},
    )


def _columns(names: tuple[str, ...], per: str, tables: Mapping[str, tuple[Row, ...]]) -> frozenset[str]:
    asked = (row.inputs for name in names if TABLES[name].per == per for row in tables[name])
    return frozenset(column for inputs in asked for column in inputs)


def _answer(name: str, row: Row) -> Mapping[str, Any]:
    answer: dict[str, Any] = {"rule": f"{name}.{row.row_id}"}
    for column, output in TABLES[name].outputs.items():
        answer[column] = constant(row.outputs[column]) if column in row.outputs else output.default
    return answer


def _graph(names: tuple[str, ...], tables: Mapping[str, tuple[Row, ...]]) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [_node("in", "inputNode"), _node("out", "outputNode")]
    edges: list[dict[str, Any]] = []
    for name in names:
        node = _node(name, "decisionTableNode")
        node["content"] = _content(name, TABLES[name], tables[name])
        nodes.append(node)
        edges.append({"id": f"in-{name}", "sourceId": "in", "targetId": name, "type": "edge"})
        edges.append({"id": f"{name}-out", "sourceId": name, "targetId": "out", "type": "edge"})
    return {"nodes": nodes, "edges": edges}


def _node(name: str, node_type: str) -> dict[str, Any]:
    return {"id": name, "name": name, "type": node_type, "position": {"x": 0, "y": 0}}


def _content(name: str, schema: TableSchema, rows: tuple[Row, ...]) -> dict[str, Any]:
    """The table with only its checked columns, its defaults filled in, and a column that names the row."""
    inputs = [asked for asked in schema.inputs if any(asked in row.inputs for row in rows)]
    rules = []
    for row in rows:
        rule = {"_id": row.row_id, "out:rule": orjson.dumps(f"{name}.{row.row_id}").decode()}
        rule.update({f"in:{asked}": row.inputs.get(asked, "") for asked in inputs})
        for given, output in schema.outputs.items():
            rule[f"out:{given}"] = row.outputs.get(given) or orjson.dumps(output.default).decode()
        rules.append(rule)
    where = (
        {"executionMode": "loop", "inputField": "lines"}
        if schema.per == "line"
        else {"executionMode": "single", "inputField": "case"}
    )
    return {
        **where,
        "hitPolicy": schema.hit_policy,
        "outputPath": name,
        "passThrough": False,
        "inputs": [{"id": f"in:{asked}", "name": asked, "field": asked} for asked in inputs],
        "outputs": [{"id": f"out:{given}", "name": given, "field": given} for given in ("rule", *schema.outputs)],
        "rules": rules,
    }
