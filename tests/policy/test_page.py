"""docs/policy.md shows every row of the default tables and every law as they are."""

from pathlib import Path

import pytest

from recoup.refunds.policy import current_floors
from recoup.refunds.policy.schema import TABLES
from tests.policy.builders import a_document, table_of

PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text()


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_default_table_is_on_the_page(name):
    for rule in table_of(a_document(), name)["rules"]:
        cells = [cell for key, cell in rule.items() if key.startswith("q-") and cell and "currency" not in key]
        shown = [rule["_description"], *(cell.replace('"', "") for cell in cells)]
        lines = [line for line in PAGE.splitlines() if line.startswith(f"| `{rule['_id']}` |")]
        assert any(all(text in line for text in shown) for line in lines), rule["_id"]


def test_every_law_is_on_the_page_with_its_source():
    for rule in {rule.id: rule for rules in current_floors().by_country.values() for rule in rules}.values():
        line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{rule.id}` |"))
        assert rule.source_url in line
