"""Who may tell us something, and what is kept of it."""

import threading
import time

import pytest

from tests.webhooks.conftest import event, sign

pytestmark = pytest.mark.slow
REFUND = {"object": "refund", "id": "re_1", "status": "succeeded", "charge": "ch_nobodys", "metadata": {}}


def test_a_signed_event_is_kept_as_it_came(door):
    assert door.post(event("refund.updated", REFUND)) == 200

    ((event_id, kind, next_at, parked_at, tries),) = door.receipts()
    assert (event_id, kind, parked_at, tries) == ("evt_1", "refund.updated", None, 0)
    assert next_at is not None


def test_an_event_told_twenty_times_at_once_is_kept_once(door):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(_post_and_close(door))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 20
    assert len(door.receipts()) == 1


def _post_and_close(door):
    from django.db import connection

    try:
        return door.post(event("refund.updated", REFUND))
    finally:
        connection.close()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1,v1=00",
        "nonsense",
        "t=soon,v1=00",
        "t=" + "9" * 400 + ",v1=00",
        "t={now},v1=\u00e9",
        "v1=00",
        "t=1",
    ],
)
def test_what_is_not_signed_is_not_kept(door, header):
    assert door.post(event("refund.updated", REFUND), header=header) == 401
    assert door.receipts() == []


def test_another_merchants_secret_does_not_open_the_door(door):
    assert door.post(event("refund.updated", REFUND), secret="whsec_of_somebody_else") == 401


@pytest.mark.parametrize("seconds", [-360, 360])
def test_a_signature_of_another_time_is_refused(door, seconds):
    assert door.post(event("refund.updated", REFUND), at=time.time() + seconds) == 401


def test_an_altered_body_is_refused(door, market):
    body = b'{"id": "evt_1", "type": "refund.updated"}'

    assert door.post(body + b" ", header=sign(body, market.webhook_secret)) == 401


def test_the_old_scheme_is_refused(door, market):
    body = b'{"id": "evt_1", "type": "refund.updated"}'

    assert door.post(body, header=sign(body, market.webhook_secret).replace("v1=", "v0=")) == 401


def test_a_body_larger_than_any_event_is_refused(door):
    assert door.post(b" " * (256 * 1024 + 1)) == 413


def test_both_secrets_are_valid_while_one_is_rotated(door, market):
    from recoup.access import sealing

    both = sealing.seal_for_us(f"{market.webhook_secret} whsec_new")
    market.run("UPDATE payments_railaccount SET webhook_secret_sealed = %s WHERE id = %s", both, market.rail_account_id)

    assert door.post(event("refund.updated", REFUND, identity="evt_1")) == 200
    assert door.post(event("refund.updated", REFUND, identity="evt_2"), secret="whsec_new") == 200


def test_an_unknown_account_looks_like_a_wrong_signature(door, market):
    from recoup.kernel import ids

    market.rail_account_id = ids.uuid7()

    assert door.post(event("refund.updated", REFUND)) == 401


def test_what_cannot_be_read_is_parked_and_holds_nobody_up(door):
    assert door.post(b"\x7b not json", at=time.time()) == 200
    assert door.post(event("refund.updated", "not an object", identity="evt_odd")) == 200
    assert door.post(event("refund.updated", REFUND, identity="evt_good")) == 200

    door.act()
    for _ in range(5):
        door.told_again()

    first, odd, good = door.receipts()
    assert first[3] is not None
    assert odd[3] is not None
    assert good[2] is None
    assert good[3] is None


def test_an_event_that_the_database_refuses_is_parked_and_holds_nobody_up(door):
    poison = {**REFUND, "id": "re_with_a_zero_byte\x00"}
    assert door.post(event("refund.updated", poison, identity="evt_poison")) == 200
    assert door.post(event("refund.updated", REFUND, identity="evt_good")) == 200
    assert door.post(event("refund.updated", REFUND, identity="evt_zero\x00")) == 200

    door.act()
    assert door.receipts()[1][2] is None
    for _ in range(5):
        door.told_again()

    poisoned, good, unnamed = door.receipts()
    assert poisoned[3] is not None
    assert (good[2], good[3]) == (None, None)
    assert unnamed[1] == "unreadable"


def test_an_event_about_something_else_is_none_of_our_business(door):
    door.post(event("customer.created", {"id": "cus_1"}))
    door.act()

    assert door.receipts()[0][2] is None
