"""More is shown of a refund through the API: by the company's server, and by the guest whose refund it is."""

import base64
import io

import pytest
from PIL import Image

from recoup.kernel import ids
from tests.api.callers import is_problem

WORDS = "The handle came off."


def a_photo(shade=90):
    content = io.BytesIO()
    Image.effect_noise((60, 40), shade).convert("RGB").save(content, "JPEG")
    return base64.b64encode(content.getvalue()).decode()


@pytest.fixture
def path(case_id):
    return f"/refunds/{case_id}/evidence"


@pytest.mark.parametrize("asks", ["company", "guest"])
def test_a_photo_and_words_are_with_the_case(caller, path, case_id, token, asks):
    answer = caller.post(path, {"words": WORDS, "photos": [a_photo()]}, secret=token if asks == "guest" else None)

    assert answer.status_code == 200
    assert answer.json()["id"] == case_id
    assert [one["kind"] for one in answer.json()["timeline"]].count("case.evidence_added") == 1
    assert (answer.json()["rule"] is None) == (asks == "guest")
    assert len(_photos(caller, case_id)) == 1


def test_the_same_again_changes_nothing(caller, path, case_id, token):
    body = {"words": WORDS, "photos": [a_photo()]}
    first = caller.post(path, body, secret=token)
    again = caller.post(path, body, secret=token)

    assert again.status_code == 200
    assert again.json() == first.json()
    assert len(_photos(caller, case_id)) == 1


@pytest.mark.parametrize(
    "bad", ["", "no base64!", base64.b64encode(b"#!/bin/sh").decode(), base64.b64encode(b"\xff\xd8\xff\xe0AA").decode()]
)
def test_one_file_that_is_no_photo_and_nothing_is_kept(caller, path, case_id, token, bad):
    answer = caller.post(path, {"words": WORDS, "photos": [a_photo(), bad]}, secret=token)

    assert is_problem(answer, 400, "photo_refused")
    assert not _photos(caller, case_id)


@pytest.mark.parametrize(
    "body", [{}, {"words": "  "}, {"photos": []}, {"words": WORDS, "note": 1}, {"photos": ["A"] * 5}]
)
def test_what_says_nothing_or_too_much_is_refused(caller, path, token, body):
    assert is_problem(caller.post(path, body, secret=token), 400, "invalid_request")


def test_a_case_takes_ten_photos(caller, path, case_id, token):
    for _ in range(3):
        assert caller.post(path, {"photos": [a_photo() for _ in range(3)]}, secret=token).status_code == 200

    assert is_problem(caller.post(path, {"photos": [a_photo(), a_photo()]}, secret=token), 400, "photo_refused")
    assert caller.post(path, {"photos": [a_photo()]}, secret=token).status_code == 200
    assert is_problem(caller.post(path, {"photos": [a_photo()]}, secret=token), 400, "photo_refused")
    assert len(_photos(caller, case_id)) == 10


def test_a_decided_case_takes_no_more(caller, path, case_id, token):
    caller.post(f"/refunds/{case_id}/withdraw")

    assert is_problem(caller.post(path, {"words": WORDS}, secret=token), 409, "move_not_allowed")


def test_another_case_is_not_there(caller, token):
    assert is_problem(caller.post(f"/refunds/{ids.uuid7()}/evidence", {"words": WORDS}, secret=token), 404, "not_found")


def _photos(caller, case_id):
    from recoup.refunds import queries

    return queries.photos_of_case(merchant_id=caller.shop.id, case_id=case_id)
