"""The authorization matrix has every address, says what the policies say, and sees what is missing."""

import pytest

from proofs.attacks import matrix

pytestmark = pytest.mark.usefixtures("database")


def _served():
    from recoup.api import routes

    return [(route.method, route.path) for route in routes.table()]


def test_every_address_has_a_row_and_every_row_an_address():
    assert matrix.differences(_served()) == []


def test_a_new_address_without_a_row_is_told_by_name():
    told = matrix.differences([*_served(), ("POST", "/api/v1/refunds/{case_id}/forget")])

    assert told[0].startswith("POST /api/v1/refunds/{case_id}/forget has no row")


def test_a_row_without_an_address_is_told_by_name():
    told = matrix.differences(pair for pair in _served() if pair != ("GET", "/api/v1/refunds"))

    assert told[0].startswith("GET /api/v1/refunds in")


def test_the_openapi_document_has_exactly_the_rows_of_the_api():
    from recoup.api.v1 import api

    told = {(method.upper(), path) for path, item in api.get_openapi_schema()["paths"].items() for method in item}

    assert told == {(row.method, row.path) for row in matrix.rows() if row.is_api}


def test_the_table_and_the_policies_say_the_same_of_every_role_and_scope():
    assert list(matrix.disagreements()) == []


@pytest.mark.parametrize("gone", ["scope-refunds-read", "reviewer-decides", "scope-keys-write", "auditor-reads"])
def test_a_policy_that_is_gone_is_seen(gone):
    from recoup.access import policies

    parts = {name: _without(text, gone) for name, text in policies.texts().items()}
    schema = (policies.FOLDER / policies.SCHEMA).read_text(encoding="utf-8")
    with policies.trying(policies.read(parts, schema)):
        assert list(matrix.disagreements())


def _without(text, policy):
    """The file without that policy: from its @id to the semicolon that ends it."""
    before, found, after = text.partition(f'@id("{policy}")')
    return before + after.split(";", 1)[1] if found else text
