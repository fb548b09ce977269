"""The first answer is kept with its key and given again, byte for byte: in each of the four ways providers do it."""

import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
import stripe

from tests.sandbox.conftest import open_shop

DAY_S = 24 * 3600


def _post(shop, key, **params):
    """Status, bytes and headers as they come over the wire."""
    headers = {"Authorization": f"Bearer {shop.secret_key}", "Idempotency-Key": key}
    data = urllib.parse.urlencode(params).encode()
    request = urllib.request.Request(f"{shop.provider.url}/v1/refunds", data, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def test_the_same_key_gives_the_same_bytes_and_moves_money_once(shop):
    charge = shop.charge()

    first = _post(shop, "key-1", charge=charge, amount=100)
    again = _post(shop, "key-1", amount=100, charge=charge)

    assert first[:2] == again[:2]
    assert first[2]["Idempotent-Replayed"] is None
    assert again[2]["Idempotent-Replayed"] == "true"
    assert again[2]["Original-Request"] == first[2]["Request-Id"] != again[2]["Request-Id"]
    assert shop.movements() == [("refund", 100)]


def test_the_same_key_with_other_parameters_is_refused(shop):
    charge = shop.charge()
    shop.refunds.create({"charge": charge, "amount": 100}, {"idempotency_key": "key-1"})

    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        shop.refunds.create({"charge": charge, "amount": 101}, {"idempotency_key": "key-1"})

    assert shop.movements() == [("refund", 100)]


def test_keys_of_two_merchants_have_nothing_to_do_with_each_other(shop, provider):
    other = open_shop(provider)
    for one in (shop, other):
        one.refunds.create({"charge": one.charge(), "amount": 100}, {"idempotency_key": "same"})

    assert shop.movements() == other.movements() == [("refund", 100)]


def test_while_the_first_request_runs_the_key_is_in_use(shop):
    charge = shop.charge()
    shop.fault(sleep_before_s=0.6)
    slow = threading.Thread(target=_post, args=(shop, "key-1"), kwargs={"charge": charge, "amount": 100})
    slow.start()
    time.sleep(0.2)

    status, body, headers = _post(shop, "key-1", charge=charge, amount=100)

    assert (status, headers["Stripe-Should-Retry"]) == (409, "true")
    assert b"idempotency_key_in_use" in body
    slow.join()
    assert _post(shop, "key-1", charge=charge, amount=100)[2]["Idempotent-Replayed"] == "true"
    assert shop.movements() == [("refund", 100)]


def test_twenty_at_once_with_one_key_move_money_once(shop):
    charge = shop.charge()
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(_post(shop, "key-1", charge=charge, amount=100)[0]))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(answers) <= {200, 409}
    assert 200 in answers
    assert shop.movements() == [("refund", 100)]


def test_a_500_after_executing_is_replayed_as_500_for_ever(shop):
    charge = shop.charge()
    shop.fault(answer_status=500)

    first = _post(shop, "key-1", charge=charge, amount=100)
    again = _post(shop, "key-1", charge=charge, amount=100)

    assert first[0] == again[0] == 500
    assert first[1] == again[1]
    assert shop.movements() == [("refund", 100)]


def test_a_refusal_that_began_to_execute_is_saved_but_a_wrong_question_is_not(shop):
    small, large = shop.charge(100), shop.charge(1000)
    assert _post(shop, "too-much", charge=small, amount=500)[0] == 400
    assert _post(shop, "too-much", charge=small, amount=500)[2]["Idempotent-Replayed"] == "true"

    assert _post(shop, "wrong", charge=large, amount="abc")[0] == 400
    assert _post(shop, "wrong", charge=large, amount=500)[0] == 200


def test_being_throttled_is_not_saved(shop):
    charge = shop.charge()
    shop.fault(refuse={"status": 429})

    with pytest.raises(stripe.RateLimitError):
        shop.refunds.create({"charge": charge}, {"idempotency_key": "key-1"})

    assert shop.refunds.create({"charge": charge}, {"idempotency_key": "key-1"}).status == "succeeded"


def test_keys_are_forgotten_after_a_day(own_provider):
    shop = open_shop(own_provider)
    charge = shop.charge()
    _post(shop, "key-1", charge=charge, amount=100)

    own_provider.post("/_practice/clock", {"advance_s": DAY_S - 60})
    assert _post(shop, "key-1", charge=charge, amount=100)[2]["Idempotent-Replayed"] == "true"
    own_provider.post("/_practice/clock", {"advance_s": 120})
    assert _post(shop, "key-1", charge=charge, amount=100)[2]["Idempotent-Replayed"] is None

    assert shop.movements() == [("refund", 100), ("refund", 100)]


def test_a_provider_that_saves_only_success_executes_again_after_an_error(provider):
    shop = open_shop(provider, profile="checkout")
    charge = shop.charge()
    shop.fault(answer_status=500)

    assert _post(shop, "key-1", charge=charge, amount=100)[0] == 500
    assert _post(shop, "key-1", charge=charge, amount=100)[0] == 200
    assert _post(shop, "key-1", charge=charge, amount=100)[2]["Idempotent-Replayed"] == "true"

    assert shop.movements() == [("refund", 100), ("refund", 100)]


def test_a_provider_with_short_memory_forgets_within_its_time(provider):
    shop = open_shop(provider, profile="expiring", key_lifetime_s=1)
    charge = shop.charge()

    _post(shop, "key-1", charge=charge, amount=100)
    assert _post(shop, "key-1", charge=charge, amount=100)[2]["Idempotent-Replayed"] == "true"
    time.sleep(1.1)
    assert _post(shop, "key-1", charge=charge, amount=100)[2]["Idempotent-Replayed"] is None

    assert shop.movements() == [("refund", 100), ("refund", 100)]


def test_a_provider_without_keys_pays_every_time(provider):
    shop = open_shop(provider, profile="none")
    charge = shop.charge()

    for _ in range(3):
        assert _post(shop, "key-1", charge=charge, amount=100)[0] == 200

    assert shop.movements() == [("refund", 100)] * 3


def test_a_key_has_at_most_255_characters(shop):
    assert _post(shop, "k" * 256, charge=shop.charge())[0] == 400
