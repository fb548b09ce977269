"""What a company's server hears: signed, in order, tried again, and given up in time."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.callbacks.conftest import listens
from tests.refunds.asking import ask, events_of

DAY = timedelta(days=1)


def test_a_refund_is_told_in_order_and_verified_by_the_published_library(shop, sender, receiver, endpoint):
    case = ask(shop, shop.order(("mug", 1, 500)))

    sender.hears()
    sender.sends(at=datetime.now(UTC))

    told = receiver.verified(endpoint[1])
    assert [message["type"] for message in told] == ["refund.submitted", "refund.approved"]
    assert [message["sequence"] for message in told] == [1, 2]
    assert told[0]["data"] == {
        "refund_id": str(case.id),
        "number": case.number,
        "order_number": case.order_number,
        "currency": "SGD",
        "amount_requested_minor": 500,
        "amount_minor": 500,
    }
    path, headers, _ = receiver.came[0]
    assert path == "/hooks"
    assert headers["webhook-id"].startswith("msg_")
    assert headers["Content-Type"] == "application/json"
    assert sender.deliveries() == [
        (1, "refund.submitted", "delivered", [200]),
        (2, "refund.approved", "delivered", [200]),
    ]


def test_nothing_about_the_shopper_is_in_a_message(shop, sender, receiver, endpoint):
    ask(shop, shop.order(("mug", 1, 500)), words="My name is Mei, call 91234567")

    sender.hears()
    sender.sends()

    whole = b"".join(body for _, _, body in receiver.came)
    assert receiver.came
    assert b"mei" not in whole.lower()
    assert b"91234567" not in whole


def test_another_secret_does_not_verify(shop, sender, receiver, endpoint):
    from recoup.callbacks import signing

    tries(shop, endpoint)
    sender.sends(at=datetime.now(UTC))

    with pytest.raises(WebhookVerificationError):
        receiver.verified(signing.new_secret())
    _, headers, body = receiver.came[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint[1]).verify(body.replace(b"test", b"tost"), headers)


def test_while_a_secret_is_replaced_both_verify_and_afterwards_only_the_new_one(shop, sender, receiver, endpoint):
    from recoup.callbacks import actions

    now = datetime.now(UTC)
    _, new = actions.rotate_secret(merchant_id=shop.id, endpoint_id=endpoint[0].id, by="test", at=now, overlap_h=1)

    tries(shop, endpoint)
    sender.sends(at=now)

    assert receiver.verified(new) == receiver.verified(endpoint[1])
    receiver.came.clear()
    tries(shop, endpoint)
    sender.sends(at=now + timedelta(hours=2))
    assert len(receiver.came[0][1]["webhook-signature"].split()) == 1


def test_a_leaked_secret_signs_no_more_at_once(shop, sender, receiver, endpoint):
    from recoup.callbacks import actions

    now = datetime.now(UTC)
    _, new = actions.rotate_secret(merchant_id=shop.id, endpoint_id=endpoint[0].id, by="test", at=now, overlap_h=0)
    tries(shop, endpoint)
    sender.sends(at=now)

    assert receiver.verified(new)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(endpoint[1])


def test_the_secret_is_sealed_at_rest(sender, endpoint):
    ((sealed,),) = sender.rows("SELECT secret_sealed FROM callbacks_endpoint")

    assert endpoint[1].removeprefix("whsec_").encode() not in bytes(sealed)


def test_one_that_fails_holds_up_what_comes_after_it_and_no_other_endpoint(shop, sender, receiver, endpoint):
    listens(shop, receiver, "refund.approved", path="/other")
    receiver.on_request = lambda: receiver.answers.append(
        (500, {}, b"broken") if receiver.came[-1][0] == "/hooks" else (200, {}, b"")
    )
    ask(shop, shop.order(("mug", 1, 500)))

    sender.hears()
    sender.sends()

    assert [path for path, _, _ in receiver.came if path == "/hooks"] == ["/hooks"]
    assert [path for path, _, _ in receiver.came if path == "/other"] == ["/other"]
    receiver.on_request = lambda: None
    receiver.came.clear()
    sender.hurries()
    sender.sends()
    assert [message["sequence"] for message in receiver.messages] == [1, 2]


def test_a_repetition_is_the_same_message_with_the_same_id(shop, sender, receiver, endpoint):
    receiver.says(503)
    tries(shop, endpoint)

    sender.sends()
    sender.hurries()
    sender.sends()

    (_, first, one), (_, second, two) = receiver.came
    assert one == two
    assert first["webhook-id"] == second["webhook-id"]
    assert sender.deliveries() == [(1, "endpoint.test", "delivered", [503, 200])]


def test_the_first_retry_comes_after_five_seconds_and_a_little(shop, sender, receiver, endpoint):
    receiver.says(500)
    tries(shop, endpoint)
    ((before,),) = sender.rows("SELECT clock_timestamp()")

    sender.sends()

    ((next_at, after),) = sender.rows("SELECT next_at, clock_timestamp() FROM callbacks_endpoint")
    assert before + timedelta(seconds=5) <= next_at <= after + timedelta(seconds=6)


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_patience_gets_it(shop, sender, receiver, endpoint, status):
    receiver.says(status, Retry_After="3600")
    tries(shop, endpoint)

    sender.sends()

    ((wait_s,),) = sender.rows("SELECT extract(epoch FROM next_at - now())::float8 FROM callbacks_endpoint")
    assert 3500 < wait_s <= 3600


def test_a_redirect_is_a_failure_and_is_not_followed(shop, sender, receiver, endpoint):
    receiver.says(307, Location=f"{receiver.origin}/elsewhere")
    tries(shop, endpoint)

    sender.sends()

    assert [path for path, _, _ in receiver.came] == ["/hooks"]
    ((attempts,),) = sender.rows("SELECT attempts::text FROM callbacks_delivery")
    assert json.loads(attempts)[0]["problem"] == "a redirect, which is not followed"


def test_the_log_keeps_the_first_kilobyte_of_an_answer(shop, sender, receiver, endpoint):
    receiver.says(400, b"\0" + b"x" * 5000)
    tries(shop, endpoint)

    sender.sends()

    ((attempts,),) = sender.rows("SELECT attempts::text FROM callbacks_delivery")
    (attempt,) = json.loads(attempts)
    assert attempt["status"] == 400
    assert len(attempt["answer"]) == 1024
    assert attempt["took_ms"] >= 0


def test_gone_switches_off_at_once_and_the_managers_hear_of_it(shop, sender, receiver, endpoint):
    from tests.web.staff_people import Colleague

    manager, _ = Colleague(shop.id, "Ines", "manager"), Colleague(shop.id, "Jonas", "reviewer")
    receiver.says(410)
    tries(shop, endpoint)
    tries(shop, endpoint)

    sender.sends()

    assert len(receiver.came) == 1
    assert sender.rows("SELECT disabled_because, active_since, next_at FROM callbacks_endpoint") == [
        ("gone", None, None)
    ]
    assert [row[2] for row in sender.deliveries()] == ["failed", "failed"]
    mails = sender.rows("SELECT to_address, context->>'server' FROM notifications_message WHERE template = %s",
                        "webhooks_stopped")  # fmt: skip
    assert mails == [(manager.email, receiver.origin.removeprefix("http://"))]
    assert events_of(shop, endpoint[0].id)[-1] == "webhook_endpoint.switched_off"


def test_after_five_days_of_failures_an_endpoint_is_switched_off(shop, sender, receiver, endpoint):
    receiver.says(500)
    receiver.says(500)
    tries(shop, endpoint)

    sender.sends()
    sender.hurries()
    sender.sends(at=shop.now + 4.9 * DAY)
    assert sender.rows("SELECT disabled_because FROM callbacks_endpoint") == [("",)]
    receiver.says(500)
    sender.hurries()
    sender.sends(at=shop.now + 5.1 * DAY)

    assert sender.rows("SELECT disabled_because FROM callbacks_endpoint") == [("failing",)]


def test_one_that_is_taken_again_has_not_failed(shop, sender, receiver, endpoint):
    receiver.says(500)
    tries(shop, endpoint)
    sender.sends()
    sender.hurries()

    sender.sends(at=shop.now + 6 * DAY)

    assert sender.rows("SELECT disabled_because, failing_since FROM callbacks_endpoint") == [("", None)]


def test_after_the_last_try_the_next_message_has_its_turn(shop, sender, receiver, endpoint):
    tries(shop, endpoint)
    tries(shop, endpoint)
    sender.change("UPDATE callbacks_delivery SET tries = 9 WHERE sequence = 1")
    receiver.says(500)

    sender.sends()

    assert [row[2] for row in sender.deliveries()] == ["failed", "delivered"]


def test_nothing_that_happened_before_an_endpoint_was_switched_on_is_told(shop, sender, receiver):
    ask(shop, shop.order(("mug", 1, 500)), at=shop.now - timedelta(minutes=1))
    listens(shop, receiver)

    sender.hears()

    assert sender.deliveries() == []


def test_an_endpoint_hears_what_it_chose(shop, sender, receiver):
    listens(shop, receiver, "refund.approved")
    ask(shop, shop.order(("mug", 1, 500)))

    sender.hears()

    assert [row[:2] for row in sender.deliveries()] == [(1, "refund.approved")]


def test_no_company_hears_of_another(shop, sender, receiver, endpoint, noon):
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants

    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    ask(shop, shop.order(("mug", 1, 500)))
    sender.hears()

    from recoup.callbacks import queries

    assert queries.endpoints(merchant_id=other) == []
    assert len(sender.deliveries()) == 2


def test_a_company_without_endpoints_costs_one_look_per_batch(database, shop, sender):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from recoup.access import tenancy
    from recoup.callbacks import transactional
    from recoup.events.queries import HeardEvent
    from recoup.kernel import ids
    from tests.database import as_role

    heard = [
        HeardEvent(
            id=n,
            tx=n,
            merchant_id=shop.id,
            at=shop.now,
            kind="case.approved",
            subject_id=ids.uuid7(),
            actor="policy",
            data={},
        )
        for n in range(500)
    ]
    with as_role(database, "recoup_worker"), tenancy.every_merchant(), CaptureQueriesContext(connection) as asked:
        transactional.tell_companies(heard, at=shop.now)

    assert len(asked) == 1


def test_what_is_heard_twice_is_told_once_and_no_number_is_left_out(database, shop, sender, endpoint):
    ask(shop, shop.order(("mug", 1, 500)))
    assert sender.hears() == ["case.submitted", "case.approved"]

    assert sender.hears(again=True) == ["case.submitted", "case.approved"]
    ask(shop, shop.order(("mug", 1, 500)))
    assert len(sender.hears(again=True)) == 4

    assert [told[0] for told in sender.deliveries()] == [1, 2, 3, 4]


def test_a_worker_that_lost_its_turn_writes_nothing(database, shop, sender, receiver, endpoint):
    from recoup.callbacks import actions
    from recoup.callbacks.gateways.courier import Answer
    from tests.database import as_role

    tries(shop, endpoint)
    with as_role(database, "recoup_worker"):
        (turn,) = [turn for turn in actions.take_turns(limit=50, each=4) if turn.merchant_id == shop.id]
        sender.change("UPDATE callbacks_endpoint SET fence = fence + 1")
        actions.note_answer(merchant_id=shop.id, turn=turn, sent=turn.head, answer=Answer(status=200, took_ms=1),
                            chance=0.5, goes_on=True, at=shop.now)  # fmt: skip

    assert sender.deliveries() == [(1, "endpoint.test", "waiting", [])]


def tries(shop, endpoint):
    from recoup.callbacks import actions

    return actions.try_endpoint(merchant_id=shop.id, endpoint_id=endpoint[0].id, by="test", at=shop.now)


def test_what_was_settled_a_month_ago_is_forgotten_and_nothing_else(database, shop, sender, receiver, endpoint):
    from recoup.config import chores
    from tests.database import as_role

    for _ in range(3):
        tries(shop, endpoint)
    sender.change("UPDATE callbacks_delivery SET state = 'delivered', settled_at = now() - interval '31 days'"
                  " WHERE sequence = 1")  # fmt: skip
    sender.change("UPDATE callbacks_delivery SET state = 'failed', settled_at = now() - interval '29 days'"
                  " WHERE sequence = 2")  # fmt: skip

    with as_role(database, "recoup_worker"):
        chores.tidy(at=datetime.now(UTC))

    assert [(row[0], row[2]) for row in sender.deliveries()] == [(2, "failed"), (3, "waiting")]
