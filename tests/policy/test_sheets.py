"""A policy as people read and change it."""

import pytest

from recoup.refunds.policy import default_document, read_policy, sheets
from recoup.refunds.policy.schema import TABLES
from recoup.refunds.policy.templates import TEMPLATES


def cells_of(document, name):
    content = next(node["content"] for node in document["tables"][name]["nodes"] if node["type"] == "decisionTableNode")
    for rule in content["rules"]:
        for column in (*content["inputs"], *content["outputs"]):
            yield column["field"], rule[column["id"]]


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_of_the_default_tables_reads_plainly_and_is_written_back_the_same(name):
    seen = list(cells_of(default_document(), name))
    assert seen

    for field, cell in seen:
        again = sheets.written(sheets.plain(cell), sheets.column_of(name, field))
        # An empty text and an empty list are what is left out.
        assert again == cell or (again, cell) in (("", '""'), ("", "[]"))


@pytest.mark.parametrize(
    ("table", "field", "typed", "cell"),
    [
        ("window", "category", "electronics, phones", '"electronics", "phones"'),
        ("window", "category", 'not in ["toys"]', 'not in ["toys"]'),
        ("window", "perishable", "yes", "true"),
        ("risk", "cases_last_day", "5", "== 5"),
        ("risk", "cases_last_day", ">= 5", ">= 5"),
        ("risk", "words", "It's (perhaps) us", '"It\'s (perhaps) us"'),
        ("evidence", "kinds", "damage, label", '["damage", "label"]'),
        ("risk", "signals", "address_shared", 'contains($, "address_shared")'),
    ],
)
def test_what_is_typed_is_written_for_the_engine(table, field, typed, cell):
    assert sheets.written(typed, sheets.column_of(table, field)) == cell


def test_a_new_row_comes_first_and_moves_and_goes():
    before = default_document()
    cells = {"category": "toys", "days": "100", "counts_from": "delivered"}
    with_toys = sheets.with_row(before, "window", row_id="toys", words="Toys", cells=cells)
    assert [row.row_id for row in sheets.sheet_of(with_toys, "window").rows][:2] == ["toys", "fresh_food"]
    read_policy(with_toys)

    lower = sheets.with_row_moved(with_toys, "window", row_id="toys", by=1)
    assert [row.row_id for row in sheets.sheet_of(lower, "window").rows][:2] == ["fresh_food", "toys"]
    assert sheets.without_row(lower, "window", row_id="toys") == before
    assert sheets.sheet_of(before, "window").place("toys") is None


def test_a_table_can_ask_one_more_question():
    asked = sheets.with_question(default_document(), "window", "country")
    sheet = sheets.sheet_of(asked, "window")
    assert "country" in {column.field for column in sheet.questions}
    assert "country" not in {column.field for column in sheets.questions_left(sheet)}
    rows = {row.row_id: row for row in sheet.rows}
    cells = {**rows["clothing"].cells, "country": "SG"}
    read_policy(sheets.with_row(asked, "window", row_id="clothing", words="", cells=cells))


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_is_a_policy_that_differs_where_it_says(name):
    template = TEMPLATES[name]
    document = template.document()
    assert read_policy(document).title == template.title
    for (table, row_id, field), answer in template.changes.items():
        row = next(row for row in sheets.sheet_of(document, table).rows if row.row_id == row_id)
        assert row.cells[field] == answer
