"""Connections break; the same request with the same key is sent again, and one case comes of it."""

import socket
import time
import uuid

import pytest
import recoup_client
from recoup_client import Recoup, Retrying

from tests.client.answering import Answering
from tests.client.conftest import QUICK

pytestmark = pytest.mark.slow


def wish(order):
    return {"order_number": order.number, "reason": "missing_item", "items": [{"sku": "CUP", "quantity": 1}]}


@pytest.mark.parametrize("troubles", [["lost"], ["lost", "lost", "half"], ["deaf", "lost"]], ids="-".join)
def test_an_answer_that_was_lost_is_asked_for_again_and_makes_one_case(recoup, recoup_by_line, line, order, troubles):
    line.troubles, line.heard[:] = list(troubles), []

    refund = recoup_by_line.refunds.create(**wish(order))

    assert [each.id for each in recoup.refunds.list(order_number=order.number)] == [refund.id]
    keys = [_header(question, b"idempotency-key") for question in line.heard]
    assert len(line.heard) == len(troubles) + 1
    assert len(set(keys)) == 1
    assert keys[0]


def test_without_the_same_key_there_would_be_two_cases(recoup, recoup_by_line, line, order):
    """The control: the line does lose answers to what was done."""
    line.troubles = ["lost"]
    with Recoup(api_key=recoup._line._credentials._secret, base_url=line.url, retrying=Retrying(retries=0)) as once:
        once._line._may_speak = True
        with pytest.raises(recoup_client.Unreachable) as lost:
            once.refunds.create(**wish(order))
        once.refunds.create(**wish(order))

    assert lost.value.may_have_happened
    assert len(list(recoup.refunds.list(order_number=order.number))) == 2


def test_what_has_no_key_is_not_sent_twice_once_it_was_heard(recoup, recoup_by_line, line, order):
    refund = recoup.refunds.create(
        order_number=order.number, reason="damaged", items=[{"sku": "SOFA", "quantity": 1}], words="The leg is broken."
    )
    line.troubles, line.heard[:] = ["lost"], []

    with pytest.raises(recoup_client.Unreachable) as lost:
        recoup_by_line.refunds.withdraw(refund.id)

    assert lost.value.may_have_happened
    assert len(line.heard) == 1
    assert recoup.refunds.get(refund.id).state == "withdrawn"


def test_reading_and_telling_orders_is_always_safe_to_repeat(recoup_by_line, line, order):
    line.troubles, line.heard[:] = ["lost", "half"], []
    assert recoup_by_line.orders.get(order.number).id == order.id
    assert len(line.heard) == 3


def test_a_recoup_that_is_not_there_is_asked_several_times_and_then_told():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    nowhere = Recoup(api_key="rk_x", base_url=f"http://127.0.0.1:{port}", retrying=QUICK)

    with pytest.raises(recoup_client.Unreachable) as silent:
        nowhere.refunds.create(order_number="1", reason="other")
    assert not silent.value.may_have_happened


def test_a_recoup_that_never_answers_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as server:
        mute = Recoup(api_key="rk_x", base_url=f"http://127.0.0.1:{server.getsockname()[1]}",
                      answer_s=0.1, retrying=Retrying(retries=1, first_s=0.01))  # fmt: skip
        began = time.monotonic()
        with pytest.raises(recoup_client.Unreachable) as silent:
            mute.company()
    assert silent.value.may_have_happened
    assert time.monotonic() - began < 20


def test_it_waits_as_long_as_it_is_told_and_keeps_the_key():
    pauses = []
    with Answering((429, {"Retry-After": "2"}), (503, {"Retry-After": "1"}), 500, 200) as far:
        client = _client(far, pauses)
        client.call("POST", "/refunds", {}, idempotency_key="one")

    assert 2 <= pauses[0] <= 3
    assert 1 <= pauses[1] <= 2
    assert 0 <= pauses[2] <= 2
    assert [asked.headers["Idempotency-Key"] for asked in far.heard] == ["one"] * 4
    assert len({asked.headers["X-Request-Id"] for asked in far.heard}) == 1


def test_it_does_not_wait_for_an_hour():
    pauses = []
    with Answering((429, {"Retry-After": "3600"})) as far, pytest.raises(recoup_client.RateLimited) as enough:
        _client(far, pauses).call("GET", "/refunds")
    assert enough.value.retry_after_s == 3600
    assert pauses == []


@pytest.mark.parametrize(("status", "times"), [(400, 1), (403, 1), (404, 1), (409, 1), (422, 1), (500, 5), (502, 5)])
def test_only_what_may_pass_is_tried_again(status, times):
    with Answering(*[status] * 9) as far, pytest.raises(recoup_client.Problem) as problem:
        _client(far, []).call("POST", "/refunds", {}, idempotency_key=uuid.uuid4().hex)
    assert problem.value.status == status
    assert len(far.heard) == times


def test_a_verb_without_a_key_is_not_repeated_after_an_error_of_the_server():
    with Answering(500, 200) as far, pytest.raises(recoup_client.ServerProblem):
        _client(far, []).call("POST", "/refunds/1/approve", {})
    assert len(far.heard) == 1


def test_a_key_in_use_is_waited_for():
    busy = (409, {}, {"code": "idempotency_key_in_use", "title": "Still running", "status": 409})
    with Answering(busy, busy, 200) as far:
        _client(far, []).call("POST", "/refunds", {}, idempotency_key="one")
    assert len(far.heard) == 3


def test_a_redirect_is_not_followed_with_the_key():
    with Answering((302, {"Location": "http://127.0.0.1:1/"})) as far, pytest.raises(recoup_client.NotUnderstood):
        _client(far, []).call("GET", "/refunds")


def test_something_else_that_answers_is_not_taken_for_recoup():
    with (
        Answering((200, {"Content-Type": "text/html"}, "<h1>Welcome</h1>")) as far,
        pytest.raises(recoup_client.NotUnderstood),
    ):
        _client(far, []).call("GET", "/refunds")


def test_pauses_grow_are_scattered_and_end():
    patient = Retrying(retries=5, first_s=1, wait_s_max=6)

    longest = [patient.pause_s(retry=n, retry_after_s=None, chance=lambda: 1.0) for n in range(6)]
    assert longest == [1, 2, 4, 6, 6, None]
    assert patient.pause_s(retry=3, retry_after_s=None, chance=lambda: 0.0) == 0
    assert patient.pause_s(retry=0, retry_after_s=7) is None


def _client(far, pauses):
    client = Recoup(api_key="rk_x", base_url=far.url)
    client._line._may_speak = True
    client._line._sleep = pauses.append
    return client


def _header(question, name):
    rows = question.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return next((row.split(b": ", 1)[1] for row in rows if row.lower().startswith(name + b":")), b"")
