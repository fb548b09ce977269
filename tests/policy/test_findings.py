"""What looks wrong in a table, and where it gives less than the law."""

from datetime import UTC, datetime

import pytest

from recoup.refunds.policy import current_floors, default_document, read_policy, sheets
from recoup.refunds.policy.findings import findings_of
from recoup.refunds.policy.law_check import lifted_by_law

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def with_window(row_id, *, below=0, **cells):
    told = {"days": "10", "counts_from": "placed", **cells}
    document = sheets.with_row(default_document(), "window", row_id=row_id, words="", cells=told)
    return sheets.with_row_moved(document, "window", row_id=row_id, by=below)


def found(document, row_id):
    return findings_of(document).get(("window", row_id), ())


@pytest.mark.parametrize(
    ("below", "cells", "is_never"),
    [
        (7, {"category": "phones"}, True),
        (7, {"category": "phones, toys"}, False),
        (0, {"category": "phones"}, False),
        (7, {"category": "phones", "fault": "no"}, True),
        (7, {"reason": "defective"}, True),
        (7, {"reason": "other"}, False),
        (7, {"category": 'startsWith($, "ph")'}, False),
    ],
)
def test_a_row_is_never_reached_when_an_earlier_one_fits_all_that_it_fits(below, cells, is_never):
    told = found(with_window("mine", below=below, **cells), "mine")
    assert any("Never reached" in one for one in told) is is_never


def test_rows_that_ask_the_same_and_fit_the_same_are_in_conflict():
    told = found(with_window("mine", below=7, category="phones, toys"), "mine")
    assert told == ("Where row 7 fits as well, the earlier one answers.",)
    assert found(with_window("mine", below=7, category="toys"), "mine") == ()


def test_reasons_that_no_row_names_are_told_at_the_last_row():
    assert "changed mind" in found(default_document(), "usual")[0]
    named = with_window("mine", reason="changed_mind")
    assert "changed mind" not in found(named, "usual")[0]


@pytest.mark.parametrize(
    ("earlier", "later", "is_never"),
    [
        ("> 100", "> 500", True),
        ("> 500", "> 100", False),
        ("[0..9]", "5", True),
        (">= 5", "< 5", False),
        ("<= 9", "[3..10]", False),
        ('not in ["1"]', "> 5", False),
    ],
)
def test_numbers_are_compared_as_numbers(earlier, later, is_never):
    document = sheets.with_question(default_document(), "window", "amount_minor")
    for row_id, cell in (("later", later), ("earlier", earlier)):
        cells = {"amount_minor": cell, "days": "1"}
        document = sheets.with_row(document, "window", row_id=row_id, words="", cells=cells)
    assert any("Never" in one for one in findings_of(document).get(("window", "later"), ())) is is_never


def test_a_shorter_window_than_the_law_s_is_told_with_its_source():
    def lifted(days):
        document = default_document()
        for row in ("usual", "electronics", "clothing"):
            cells = {**next(one.cells for one in sheets.sheet_of(document, "window").rows if one.row_id == row)}
            document = sheets.with_row(document, "window", row_id=row, words="", cells={**cells, "days": days})
        found = lifted_by_law(policy=read_policy(document), floors=current_floors(), at=NOON)
        return {one.country for one in found if one.day == 14}

    assert lifted("30") == set()
    assert lifted("7") == {"GB", "DE"}
