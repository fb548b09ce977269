"""What answers show is written down by name, and what nobody wrote down is seen."""

import copy

import pytest

from proofs.attacks import fields, matrix

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def document():
    from recoup.api.v1 import api

    return copy.deepcopy(dict(api.get_openapi_schema()))


def test_every_answer_of_the_document_shows_what_the_list_says_and_nothing_else(document):
    told, listed = fields.documented(document), fields.listed()

    assert set(told) == set(listed) == {f"{row.method} {row.path}" for row in matrix.rows() if row.is_api}
    assert {name: told[name] ^ listed[name] for name in told if told[name] != listed[name]} == {}


def test_a_name_that_is_new_in_the_document_is_seen_wherever_it_stands(document):
    document["components"]["schemas"]["PayoutOut"]["properties"]["holder"] = {"type": "string"}

    told, listed = fields.documented(document), fields.listed()
    seen = {address: told[address] - listed[address] for address in told if told[address] != listed[address]}
    assert seen["GET /api/v1/refunds/{case_id}"] == {"payouts[].holder"}


def test_a_name_too_many_in_an_answer_is_seen_also_inside_a_list_and_not_inside_a_free_form():
    names = frozenset({"id", "lines", "lines[].sku", "data", "data.*"})

    assert fields.beyond({"id": 1, "lines": [{"sku": "x"}], "data": {"whatever": {"it": 1}}}, names) == []
    assert fields.beyond({"id": 1, "lines": [{"sku": "x", "cost": 3}], "note": ""}, names) == ["lines[].cost", "note"]
