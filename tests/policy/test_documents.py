"""A merchant's upload: what is refused, and how clearly."""

import json

import pytest

from recoup.refunds.policy import (
    Outcome,
    PolicyRefused,
    default_document,
    default_policy,
    in_words,
    policy_from_text,
    read_policy,
)
from recoup.refunds.policy.schema import TABLES
from tests.policy.builders import a_document, a_line, a_request, decided, table_of


def refusals(document) -> list[str]:
    with pytest.raises(PolicyRefused) as refused:
        read_policy(document)
    return [str(problem) for problem in refused.value.problems]


def with_cell(table: str, row: int, cell: str, value: object) -> dict:
    document = a_document()
    table_of(document, table)["rules"][row][cell] = value
    return document


def test_the_default_tables_are_valid_and_whole():
    policy = default_policy()

    assert policy.version == "default-1"
    assert set(json.loads(policy.document)["tables"]) == set(TABLES)


def test_a_stored_document_reads_back_as_the_same_policy():
    policy = default_policy()

    again = policy_from_text(policy.document)

    assert (again.sha256, again) == (policy.sha256, policy)
    assert policy_from_text(policy.document) is again


def test_the_order_of_keys_does_not_change_the_hash():
    turned = dict(reversed(list(default_document().items())))

    assert read_policy(turned).sha256 == default_policy().sha256


def test_another_cell_is_another_hash():
    assert read_policy(with_cell("window", 8, "a-days", "31")).sha256 != default_policy().sha256


def test_a_merchant_may_bring_one_table_and_the_rest_is_the_defaults():
    window = default_document()["tables"]["window"]
    document = a_document(version="mine-1", title="Mine")
    document["tables"] = {"window": json.loads(json.dumps(window))}
    table_of(document, "window")["rules"] = [{"_id": "short", "a-days": "3"}]

    policy = read_policy(json.dumps(document))

    verdict = decided(a_request(), policy)
    assert (verdict.outcome, verdict.rule) == (Outcome.REJECT, "window.short")
    assert (verdict.policy_version, verdict.policy_hash) == ("mine-1", policy.sha256)
    assert set(json.loads(policy.document)["tables"]) == set(TABLES)


def test_an_empty_cell_or_a_dash_fits_everything():
    assert read_policy(with_cell("window", 0, "q-reason", "-")).version == "default-1"


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("{", "this is not JSON"),
        ("[]", "a policy is a JSON object"),
        ("x" * 1_000_001, "larger than 1000000 bytes"),
        (a_document(format="recoup-policy-2"), "format must be 'recoup-policy-1'"),
        (a_document(version=""), "version must be 1 to 64"),
        (a_document(title=None), "title must be a text"),
        (a_document(owner="me"), "unknown field 'owner'"),
        (a_document(tables=[]), "tables must be an object"),
        (a_document(tables={"windows": {}}), "table windows: unknown table"),
        (a_document(tables={"window": []}), "table window: a table is a JDM graph"),
    ],
)
def test_a_cover_with_a_mistake_is_refused(document, complaint):
    assert any(complaint in refusal for refusal in refusals(document))


@pytest.mark.parametrize(
    ("table", "row", "cell", "value", "complaint"),
    [
        ("window", 8, "a-days", "30.5", "table window, row 9, column days: 30.5 is not a whole number from 0 to 3650"),
        ("window", 8, "a-days", "9999", "is not a whole number from 0 to 3650"),
        ("window", 8, "a-days", "-1", "is not a whole number from 0 to 3650"),
        ("window", 8, "a-days", "", "column days: an answer is missing"),
        ("window", 8, "a-days", "amount_minor + 1", "an answer is a constant"),
        ("window", 8, "a-days", "rand(30)", "an answer is a constant"),
        ("window", 8, "a-days", '"thirty"', "is not a whole number"),
        ("window", 8, "a-days", 30, "a cell is a text"),
        ("window", 8, "a-counts_from", '"payday"', "is not one of 'delivered', 'placed'"),
        ("window", 1, "q-reason", '"never_came"', '"never_came" can never match'),
        ("window", 1, "q-reason", "not_arrived", "unknown word not_arrived"),
        ("window", 1, "q-reason", 'order.reason == "late"', "unknown word order"),
        ("window", 1, "q-reason", "$ == null", "unknown word null"),
        ("window", 1, "q-reason", "`late`", "plain quotation marks"),
        ("window", 1, "q-reason", "5", "this column holds texts"),
        ("window", 5, "q-fault", '"true"', "holds yes or no, not a text"),
        ("window", 5, "q-fault", "maybe", "unknown word maybe"),
        ("window", 5, "q-colour", '"red"', "row 6: unknown cell 'q-colour'"),
        ("window", 5, "_id", "", "_id must be 1 to 64"),
        ("window", 5, "_id", "a b", "_id must be 1 to 64"),
        ("evidence", 3, "q-amount_minor", "> 50.00", "only whole numbers: money is counted in minor units"),
        ("evidence", 3, "q-amount_minor", '"5000"', "holds a whole number, not a text"),
        ("evidence", 3, "q-amount_minor", "> ", "the engine cannot read this"),
        ("evidence", 3, "q-amount_minor", "> 100 * 50", "the sign * is not allowed"),
        ("evidence", 3, "q-amount_minor", "> rand(5)", "the function rand is not allowed"),
        ("evidence", 3, "q-amount_minor", "> date('now')", "the function date is not allowed"),
        ("evidence", 3, "a-kinds", '["selfie"]', "column kinds"),
        ("evidence", 3, "a-photos", "11", "from 0 to 10"),
        ("risk", 8, "q-signals", '"address_shared"', 'write contains($, "…")'),
        ("thresholds", 0, "a-ask", '"reject"', "is not one of"),
        ("thresholds", 0, "a-code", '"because"', "is not one of"),
        ("eligibility", 0, "a-answer", '"maybe"', "is not one of"),
        ("fees", 0, "a-restocking_basis_points", "10001", "from 0 to 10000"),
    ],
)
def test_a_bad_cell_is_refused_with_its_place(table, row, cell, value, complaint):
    found = refusals(with_cell(table, row, cell, value))

    assert any(complaint in refusal for refusal in found), found
    assert all(refusal.startswith(f"table {table}, row {row + 1}") for refusal in found)


def test_two_rows_cannot_have_one_name():
    assert refusals(with_cell("window", 5, "_id", "usual")) == ["table window, row 9: _id 'usual' is used twice"]


def test_every_mistake_is_told_at_once():
    document = with_cell("window", 8, "a-days", "soon")
    table_of(document, "fees")["rules"][0]["a-delivery"] = '"pigeon"'

    assert len(refusals(document)) == 2


def test_a_table_must_end_with_a_row_for_everything_else():
    document = a_document()
    table_of(document, "window")["rules"].pop()

    assert refusals(document) == [
        "table window, row 8: the last row must fit everything: leave all its questions empty"
    ]


def test_rows_that_can_never_be_reached_are_refused():
    document = a_document()
    rules = table_of(document, "window")["rules"]
    rules[0], rules[-1] = rules[-1], rules[0]

    assert refusals(document) == [
        "table window, row 1: this row fits everything, so the rows after it are never reached"
    ]


def test_risk_rows_need_no_row_for_everything_else():
    document = a_document()
    table_of(document, "risk")["rules"] = table_of(document, "risk")["rules"][:1]

    assert read_policy(document)


@pytest.mark.parametrize("node_type", ["functionNode", "expressionNode", "customNode", "decisionNode", "switchNode"])
def test_only_decision_tables_are_let_in(node_type):
    document = a_document()
    document["tables"]["window"]["nodes"].append({"id": "x", "type": node_type, "name": "x", "content": {}})

    assert any(f"node type '{node_type}' is not allowed" in refusal for refusal in refusals(document))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"hitPolicy": "collect"}, "hitPolicy must be 'first'"),
        ({"executionMode": "loop"}, "executionMode must be 'single'"),
        ({"inputField": "lines"}, "inputField must stay empty"),
        ({"outputPath": "x"}, "outputPath must stay empty"),
        ({"script": "x"}, "unknown field 'script' in a table"),
        ({"rules": []}, "1 to 500 rows"),
        ({"rules": [7]}, "a row is an object"),
        ({"inputs": "all"}, "inputs must be a list of columns"),
        ({"inputs": [{"id": "q", "name": "q", "field": "weather"}]}, "unknown input field"),
        ({"outputs": [{"id": "a", "name": "a", "field": "gift"}]}, "unknown output field"),
        ({"outputs": []}, "column days: this column is missing"),
    ],
)
def test_a_table_of_another_shape_is_refused(change, complaint):
    document = a_document()
    table_of(document, "window").update(change)

    assert any(complaint in refusal for refusal in refusals(document))


def test_edges_must_lead_through_the_table():
    document = a_document()
    document["tables"]["window"]["edges"].pop()

    assert any("the edges must lead" in refusal for refusal in refusals(document))


def test_a_merchants_own_words_reach_the_shopper():
    document = with_cell("eligibility", 3, "a-words", '"Sale items stay with you, sorry."')

    verdict = decided(a_request(a_line(flags=("final_sale",))), read_policy(document))

    assert "Sale items stay with you, sorry." in in_words(verdict)
