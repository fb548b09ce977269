"""A body that no address takes is refused at once, before anything is done."""

import time

import pytest
from django.test import Client

from tests.api.callers import is_problem


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b" " * (1024 * 1024 + 1), 413, "body_too_large"),
        (b"[" * 33, 400, "invalid_request"),
        (b"[" * 500_000 + b"]" * 500_000, 400, "invalid_request"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, 400, "invalid_request"),
        (b'{"attributes":' * 900 + b"1" + b"}" * 900, 400, "invalid_request"),
        (b"{" + b",".join(b'"%d":1' % n for n in range(10_001)) + b"}", 400, "invalid_request"),
    ],
)
def test_a_body_that_is_too_much_is_refused_at_once(caller, raw, status, code):
    began = time.thread_time()
    answer = caller.send("POST", "/refunds", raw=raw, key="k")

    assert is_problem(answer, status, code)
    assert time.thread_time() - began < 1


def test_a_problem_with_ten_thousand_mistakes_names_the_first_ones(caller):
    raw = b"{" + b",".join(b'"%d":1' % n for n in range(9_000)) + b"}"
    answer = caller.send("POST", "/refunds", raw=raw, key="k")

    assert is_problem(answer, 400, "invalid_request")
    assert len(answer.content) < 20_000


def test_many_orders_may_be_as_large_as_before(caller):
    raw = (
        b'{"orders": ['
        + b",".join(b'{"number": "%d", "attributes": {"a": []}}' % n for n in range(1000))
        + b"]"
        + b" " * (3 << 20)
        + b"}"
    )
    answer = caller.send("POST", "/orders/bulk", raw=raw)

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 1000


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity"])
def test_a_packed_body_is_not_unpacked(caller, encoding):
    assert is_problem(
        caller.send("POST", "/refunds", raw=b"\x1f\x8b" * 100, key="k", content_encoding=encoding),
        415,
        "unsupported_media_type",
    )


@pytest.mark.parametrize("said", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_form_of_another_site_could_send_is_no_json(caller, said):
    answer = Client(raise_request_exception=False).generic(
        "POST",
        "/api/v1/refunds",
        b'{"order_number": "x", "reason": "changed_mind"}',
        content_type=said,
        HTTP_AUTHORIZATION=f"Bearer {caller.secret}",
        HTTP_IDEMPOTENCY_KEY="k",
    )

    assert is_problem(answer, 415, "unsupported_media_type")
