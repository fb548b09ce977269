"""`bin/recoup verify`: each invariant is broken on purpose, and is named with the row that breaks it."""

import argparse
import json
import threading
import time
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection

from recoup.access import tenancy
from recoup.config.commands import verify
from recoup.config.hearing import Listener
from recoup.config.invariants.check import Finding, settled
from recoup.config.subscriptions import SUBSCRIPTIONS
from recoup.refunds.requests import RefundRequest
from tests.database import migrated_cluster, point


@pytest.fixture(scope="module")
def cluster(cluster):
    """A database of their own: the checks look at every merchant, and other tests leave halves on purpose."""
    with migrated_cluster() as own:
        yield own
    point("default", cluster.database_url("recoup_web"))


@pytest.fixture
def paid(shop, noon, database, as_worker):
    """A case that went all the way: approved, accepted by the rail, booked, told. Gives its ids."""
    from recoup.payments import actions as payments
    from recoup.refunds import actions as refunds

    number = shop.order(("mug", 1, 1500))
    request = RefundRequest(order_number=number, reason="changed_mind", channel="web", goods_received=True)
    case = refunds.submit(request=request, merchant_id=shop.id, by="shopper", at=noon)
    assert case.state == "approved"
    with database.superuser() as rail:
        payout_id = rail.execute(
            "UPDATE payments_payout SET state = 'submitting', fence = 1, submitted_at = now() WHERE case_id = %s"
            " RETURNING id",
            [case.id],
        ).fetchone()[0]
        rail.execute(
            "INSERT INTO payments_answer (merchant_id, payout_id, fence, epoch, outcome, provider_refund_id,"
            " amount_minor, currency, at) VALUES (%s, %s, 1, 0, 'succeeded', %s, 1500, 'SGD', now())",
            [shop.id, payout_id, f"re_{uuid.uuid4().hex}"],
        )
    with as_worker():
        while payments.apply_answers(at=noon):
            pass
        for subscription in SUBSCRIPTIONS:
            hears = Listener(subscription)
            while hears(at=noon):
                pass
            hears(at=noon)
    with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.state, k.id, k.order_id FROM refunds_case c JOIN payments_payout p ON p.case_id = c.id"
            " JOIN payments_capture k ON k.id = p.capture_id WHERE c.id = %s",
            [case.id],
        )
        state, capture_id, order_id = cursor.fetchone()
    return argparse.Namespace(
        case_id=case.id,
        number=case.number,
        payout_id=payout_id,
        capture_id=capture_id,
        order_id=order_id,
        state=state,
        shop_id=shop.id,
    )


@pytest.fixture
def broken(as_worker):
    """What one check names now."""
    from recoup.config.invariants import approvals, money, tenants, workflow

    checks = {
        "I2": money.never_more_than_captured,
        "I3": money.books_balance,
        "I4": workflow.nothing_forgotten,
        "I5": workflow.every_change_on_record,
        "I6": workflow.nothing_said_twice,
        "I7": workflow.moves_as_published,
        "I1": money.moved_as_booked,
        "I9": tenants.nobody_elses,
        "I10": approvals.approved_by_enough,
    }

    def ask(name):
        with as_worker():
            return checks[name]().broken

    return ask


@pytest.fixture
def forge(database):
    """Does what no program of Recoup may do, past every trigger, and undoes it afterwards."""

    @contextmanager
    def run(do, values, undo, undo_values=None):
        def all_powerful(statement, told):
            with database.superuser() as hand:
                hand.execute("SET session_replication_role = replica")
                hand.execute(statement, told)

        all_powerful(do, values)
        try:
            yield
        finally:
            all_powerful(undo, values if undo_values is None else undo_values)

    return run


@pytest.fixture
def provider(monkeypatch):
    """A provider's record of its own, as the practice provider tells it."""
    told = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            after = int(self.path.partition("after=")[2].partition("&")[0])
            body = json.dumps(
                {"movements": told[after : after + 2], "has_more": len(told) > after + 2, "next_after": after + 2}
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *told):
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("RECOUP_PROVIDER_URL", f"http://127.0.0.1:{server.server_port}/")
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def movement(payout_id, amount_minor=1500, kind="refund", currency="sgd"):
    return {"recoup_payout": str(payout_id), "amount_minor": amount_minor, "currency": currency, "kind": kind}


def test_a_refund_that_went_well_breaks_nothing(paid, broken, provider):
    provider.append(movement(paid.payout_id))

    assert paid.state == "closed"
    for name in ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I9", "I10"):
        named = " ".join(f"{row} {words}" for row, words in broken(name).items())
        assert str(paid.payout_id) not in named
        assert str(paid.capture_id) not in named
        assert paid.number not in named
        assert str(paid.case_id) not in named


def test_i1_paid_twice_at_the_provider(paid, broken, provider):
    provider.extend([movement(uuid.uuid4(), 1), movement(paid.payout_id), movement(paid.payout_id)])

    assert "paid 2 times" in broken("I1")[f"payout {paid.payout_id}"]


def test_i1_another_amount_another_currency_or_nothing_at_all(paid, broken, provider):
    row = f"payout {paid.payout_id}"
    assert "the provider moved 0 SGD, the books say 1500" in broken("I1")[row]
    provider.append(movement(paid.payout_id, 1400))
    assert "moved 1400 SGD, the payout is of 1500" in broken("I1")[row]
    provider[:] = [movement(paid.payout_id, currency="usd")]
    assert "moved 1500 USD, the payout is in SGD" in broken("I1")[row]


def test_i1_money_for_a_payout_that_nobody_knows(paid, broken, provider):
    stranger = uuid.uuid4()
    provider.extend([movement(paid.payout_id), movement(stranger)])

    assert "a payout nobody knows" in broken("I1")[f"payout {stranger}"]


def test_i1_a_refund_that_came_back_must_be_in_the_books(paid, broken, provider):
    provider.extend([movement(paid.payout_id), movement(paid.payout_id, -1500, "refund_reversal")])

    assert "the provider moved 0 SGD, the books say 1500" in broken("I1")[f"payout {paid.payout_id}"]


def test_i1_without_a_practice_provider_the_books_stand_beside_the_answers(paid, broken, forge, monkeypatch):
    monkeypatch.delenv("RECOUP_PROVIDER_URL", raising=False)
    assert f"payout {paid.payout_id}" not in broken("I1")

    with forge(
        "UPDATE payments_payout SET state = 'failed' WHERE id = %s",
        [paid.payout_id],
        "UPDATE payments_payout SET state = 'succeeded' WHERE id = %s",
    ):
        assert "the books say 1500" in broken("I1")[f"payout {paid.payout_id}"]


def test_i2_a_counter_that_says_something_else_than_the_books(paid, broken, forge):
    with forge(
        "UPDATE payments_capture SET paid_minor = 0 WHERE id = %s",
        [paid.capture_id],
        "UPDATE payments_capture SET paid_minor = 1500 WHERE id = %s",
    ):
        assert "paid 0; the books say 0 and 1500" in broken("I2")[f"capture {paid.capture_id}"]


def test_i1_money_that_others_gave_back_and_that_we_never_noticed(paid, broken, provider, database):
    with database.superuser() as look:
        query = "SELECT provider_charge_id FROM payments_capture WHERE id = %s"
        charge = look.execute(query, [paid.capture_id]).fetchone()[0]
    refund = f"re_{uuid.uuid4().hex}"
    by_hand = {"recoup_payout": None, "refund": refund, "charge": charge, "currency": "sgd", "kind": "refund"}
    provider.extend([movement(paid.payout_id), {**by_hand, "amount_minor": 300, "at": 1_000.0}])
    provider.append({**by_hand, "refund": "re_of_this_minute", "amount_minor": 1, "at": time.time()})

    named = broken("I1")

    assert named[f"refund {refund}"] == "300 SGD were given back without us, 0 are counted"
    assert "refund re_of_this_minute" not in named


def test_i2_what_others_gave_back_is_counted_once_and_in_the_books(paid, broken, forge):
    with forge(
        "UPDATE payments_capture SET elsewhere_minor = 7 WHERE id = %s",
        [paid.capture_id],
        "UPDATE payments_capture SET elsewhere_minor = 0 WHERE id = %s",
    ):
        assert "given back by others 7, seen 0" in broken("I2")[f"capture {paid.capture_id}"]
    with forge(
        "INSERT INTO payments_sighting (id, merchant_id, rail_account_id, provider_refund_id, status, amount_minor,"
        " currency, seen_at, capture_id, counted_minor) SELECT p.id, p.merchant_id, p.rail_account_id,"
        " p.provider_refund_id, 'succeeded', 1500, 'SGD', now(), p.capture_id, 1500"
        " FROM payments_payout p WHERE p.id = %s",
        [paid.payout_id],
        "DELETE FROM payments_sighting WHERE id = %s",
    ):
        named = broken("I2")
        assert "given back by others 0, seen 1500" in named[f"capture {paid.capture_id}"]
        assert any(f"it is counted for payout {paid.payout_id} too" in words for words in named.values())


def test_i3_a_journal_that_does_not_balance(paid, broken, forge):
    where = (
        "WHERE account = 'provider_balance' AND journal_id IN (SELECT id FROM ledger_journal WHERE reference_id = %s)"
    )
    with forge(
        f"UPDATE ledger_posting SET amount_minor = amount_minor - 7 {where}",
        [paid.payout_id],
        f"UPDATE ledger_posting SET amount_minor = amount_minor + 7 {where}",
    ):
        assert any("differ by -7" in words for words in broken("I3").values())


def test_i3_books_that_could_be_changed(paid, broken, database):
    with database.superuser() as hand:
        hand.execute("ALTER TABLE ledger_posting DISABLE TRIGGER append_only")
        hand.execute("GRANT UPDATE ON ledger_posting TO recoup_web")
        try:
            named = broken("I3")
        finally:
            hand.execute("ALTER TABLE ledger_posting ENABLE TRIGGER append_only")
            hand.execute("REVOKE UPDATE ON ledger_posting FROM recoup_web")

    assert "the trigger append_only is missing or switched off" in named["guard of ledger_posting"]
    assert "grant on ledger_posting to recoup_web" in named


def test_i4_a_case_that_waits_for_nothing(paid, broken, forge):
    with forge(
        "UPDATE refunds_case SET state = 'verifying_order' WHERE id = %s",
        [paid.case_id],
        "UPDATE refunds_case SET state = 'closed' WHERE id = %s",
    ):
        assert broken("I4")[f"case {paid.number}"] == "it is verifying_order and waits for nothing"


def test_i4_a_payout_that_nobody_looks_at(paid, broken, forge):
    with forge(
        "UPDATE payments_payout SET state = 'unknown', next_at = NULL WHERE id = %s",
        [paid.payout_id],
        "UPDATE payments_payout SET state = 'succeeded', next_at = now() + interval '1 day' WHERE id = %s",
    ):
        assert "nobody looks at it again" in broken("I4")[f"payout {paid.payout_id}"]


def test_i4_a_case_that_was_promised_and_is_gone(paid, broken, forge):
    with forge(
        "INSERT INTO access_storedanswer (merchant_id, key, request_hash, status, body, created_at)"
        " VALUES (%s, 'a key', '', 201, '{\"number\": \"RC-GONE\"}', now())",
        [paid.shop_id],
        "DELETE FROM access_storedanswer WHERE merchant_id = %s",
    ):
        assert any("RC-GONE" in words for words in broken("I4").values())


def test_i5_a_state_without_a_record(paid, broken, forge):
    with forge(
        "UPDATE refunds_case SET state = 'approved' WHERE id = %s",
        [paid.case_id],
        "UPDATE refunds_case SET state = 'closed' WHERE id = %s",
    ):
        assert broken("I5")[f"case {paid.case_id}"] == "it is approved, its record ends with closed"


def test_i5_a_hole_in_the_record(paid, broken, forge, database):
    with database.superuser() as look:
        transition_id = look.execute(
            "SELECT id FROM events_transition WHERE subject_id = %s AND to_state = 'submitting'", [paid.payout_id]
        ).fetchone()[0]
    with forge(
        "UPDATE events_transition SET subject_id = '00000000-0000-0000-0000-000000000001' WHERE id = %s",
        [transition_id],
        "UPDATE events_transition SET subject_id = %s WHERE id = %s",
        [paid.payout_id, transition_id],
    ):
        assert any(str(paid.payout_id) in words for words in broken("I5").values())


def test_i6_sent_was_said_of_money_that_was_not_sent(paid, broken, forge):
    with forge(
        "UPDATE refunds_case SET initiated_at = NULL WHERE id = %s",
        [paid.case_id],
        "UPDATE refunds_case SET initiated_at = now() WHERE id = %s",
    ):
        assert 'it says "sent" about a case that was never sent' in broken("I6").values()


def test_i7_a_move_that_is_not_in_the_table(paid, broken, forge):
    with forge(
        "UPDATE events_transition SET to_state = 'reversed' WHERE subject_id = %s AND from_state = 'submitting'",
        [paid.payout_id],
        "UPDATE events_transition SET to_state = 'succeeded' WHERE subject_id = %s AND from_state = 'submitting'",
    ):
        assert any("a payout does not move from submitting to reversed" in words for words in broken("I7").values())


@pytest.mark.parametrize(
    ("table", "where", "named"),
    [
        ("payments_payout", "case_id", ["payments_payout.capture_id", "payments_payout.case_id"]),
        ("payments_capture", "order_id", ["payments_capture.order_id", "payments_payout.capture_id"]),
        ("refunds_case", "id", ["refunds_caseline.case_id", "payments_payout.case_id"]),
        ("orders_order", "id", ["orders_orderline.order_id"]),
        ("ledger_journal", "reference_id", ["ledger_posting.journal_id", "ledger_journal.reference_id"]),
    ],
)
def test_i9_a_row_that_points_to_another_companys(paid, broken, forge, table, where, named):
    wanted = {"case_id": paid.case_id, "order_id": paid.order_id, "reference_id": paid.payout_id}
    row = wanted.get(where, paid.case_id if table == "refunds_case" else paid.order_id)
    with forge(
        f"UPDATE {table} SET merchant_id = '00000000-0000-0000-0000-000000000001' WHERE {where} = %s",
        [row],
        f"UPDATE {table} SET merchant_id = %s WHERE {where} = %s",
        [paid.shop_id, row],
    ):
        found = {row.split()[0] for row, words in broken("I9").items() if str(paid.shop_id) in words}

    assert found >= set(named)


def test_work_under_way_is_not_named():
    answers = [
        Finding(checked=1, broken={"a": "half done", "b": "wrong"}),
        Finding(checked=1, broken={"b": "wrong", "c": "new"}),
    ]

    finding = settled(lambda: answers.pop(0) if len(answers) > 1 else answers[0], looks=3, wait_s=0)

    assert dict(finding.broken) == {"b": "wrong"}


def test_the_command_says_all_in_its_last_line_and_in_its_exit_code(paid, provider, as_worker, capsys):
    arguments = argparse.Namespace(json=True, once=True)
    with as_worker():
        code = verify.run(arguments, None)

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(told) == {"I1", "I2", "I3", "I4", "I5", "I6", "I7", "I9", "I10", "ok"}
    assert told["I1"]["ok"] is False
    assert any(str(paid.payout_id) in row for row in told["I1"]["broken"]) or told["I1"]["broken_count"] > 20
    assert (code, told["ok"]) == (1, False)
