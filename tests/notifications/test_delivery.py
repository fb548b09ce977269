"""Mails reach a real mail server, through one connection; what fails waits, and is a person's business in the end."""

import uuid

import pytest
from django.db import connection

from recoup.access import tenancy
from recoup.kernel import ids

CONTEXT = {"number": "RC-7K3M-9QXD-4", "company": "The shop", "order_number": "1"}


@pytest.fixture
def address():
    return f"mei-{uuid.uuid4().hex[:8]}@shop.example"


@pytest.fixture
def queue(shop, noon, address, as_worker):
    """Puts messages in line, due now; gives their cases."""
    from recoup.notifications import transactional
    from recoup.notifications.transactional import NewMessage

    def put(count=1, *, template="withdrawn", to=address, context=CONTEXT):
        cases = [ids.uuid7() for _ in range(count)]
        with as_worker(), tenancy.every_merchant():
            transactional.queue(
                [
                    NewMessage(
                        merchant_id=shop.id, case_id=case, template=template, mark="1", to_address=to, context=context
                    )
                    for case in cases
                ],
                at=noon,
            )
        return cases

    return put


@pytest.fixture
def deliver(as_worker, noon):
    from recoup.notifications import jobs

    def run(rounds=4):
        with as_worker():
            return [jobs.deliver(at=noon) for _ in range(rounds)]

    return run


@pytest.fixture
def row(as_worker):
    """One message as it stands in the table."""

    def read(case, *columns):
        with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)} FROM notifications_message WHERE case_id = %s", [case])
            return cursor.fetchone()

    return read


@pytest.fixture
def due_now(as_worker):
    def change(case):
        with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
            cursor.execute("UPDATE notifications_message SET next_at = now() WHERE case_id = %s", [case])

    return change


@pytest.fixture(autouse=True)
def _nothing_else_waits(database):
    """Messages of other tests are not ours to send."""
    with database.superuser() as everybody:
        everybody.execute(
            "UPDATE notifications_message SET next_at = NULL, problem = 'overtaken' WHERE sent_at IS NULL"
        )


def test_a_mail_has_two_faces_and_says_where_it_comes_from(queue, deliver, post, address, row):
    (case,) = queue()
    deliver()

    (mail,) = post.to(address)
    (message_id,) = row(case, "id")
    assert mail["Message-ID"] == f"<{message_id}@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "Recoup refunds <refunds.localhost>"
    assert mail["Subject"] == "You withdrew your request: case RC-7K3M-9QXD-4"
    assert "nothing is paid" in mail.get_body(("plain",)).get_content()
    assert "nothing is paid" in mail.get_body(("html",)).get_content()
    assert row(case, "sent_at IS NOT NULL", "subject", "next_at", "lease_until") == (True, mail["Subject"], None, None)


def test_a_batch_goes_through_one_connection_and_each_once(queue, deliver, post, address):
    queue(40)
    deliver()

    assert len(post.to(address)) == 40
    assert len({mail["Message-ID"] for mail in post.to(address)}) == 40
    assert post.connections == 1


def test_a_code_leaves_our_books_with_its_mail(shop, noon, deliver, post, address, as_worker):
    from recoup.notifications import transactional

    @tenancy.action
    def ask(*, merchant_id):
        transactional.queue_code(
            merchant_id=merchant_id, to=address, code="042137", company="The shop", about="order 1", minutes=10, at=noon
        )

    ask(merchant_id=shop.id)
    deliver()

    (mail,) = post.to(address)
    assert "042137" in mail.get_body(("plain",)).get_content()
    with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(m)::text FROM notifications_message m WHERE to_address = %s", [address])
        assert "042137" not in cursor.fetchone()[0]


def test_a_mail_server_that_is_away_is_nobodys_fault(queue, deliver, no_post, row):
    (case,) = queue()
    for _ in range(7):
        deliver(1)

    assert row(case, "tries", "parked_at", "sent_at", "problem", "next_at > now()") == (
        0,
        None,
        None,
        "mail server away",
        True,
    )


def test_what_could_not_be_sent_is_sent_later_under_the_same_name(queue, deliver, post, address, due_now):
    post.answers = ["451 not now"]
    (case,) = queue()
    deliver(1)
    assert post.to(address) == []

    due_now(case)
    deliver(1)

    assert len(post.to(address)) == 1


def test_a_server_that_takes_a_mail_and_says_no_gets_it_again_with_the_same_message_id(
    queue, deliver, post, due_now, row
):
    (case,) = queue()
    post.answers = ["451 taken, but we tell you otherwise"]
    deliver(1)
    due_now(case)
    deliver(1)

    (message_id,) = row(case, "id")
    assert post.caught[-1][1]["Message-ID"] == f"<{message_id}@localhost>"


def test_an_address_that_never_takes_it_is_parked_and_the_others_are_sent(
    queue, deliver, post, address, row, as_worker
):
    post.answers = ["550 no such person"]
    (bad,) = queue(to="nobody@shop.example")
    queue(3)
    deliver(1)

    assert len(post.to(address)) == 3
    assert row(bad, "parked_at IS NOT NULL", "problem", "next_at") == (True, "mail server answered 550", None)
    (message_id,) = row(bad, "id")
    with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("SELECT data ->> 'problem' FROM events_event WHERE subject_id = %s", [message_id])
        assert cursor.fetchall() == [("mail server answered 550",)]


def test_a_server_that_keeps_refusing_parks_the_mail_after_five_tries(queue, deliver, post, due_now, row):
    (case,) = queue()
    post.answers = ["451 not now"] * 9
    for _ in range(6):
        due_now(case)
        deliver(1)

    assert row(case, "parked_at IS NOT NULL", "sent_at") == (True, None)


def test_a_message_that_cannot_be_written_does_not_hold_up_the_others(queue, deliver, post, row, as_worker):
    (broken,) = queue(template="withdrawn", context=CONTEXT)
    (other,) = queue()
    with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_message SET template = 'no_such_one' WHERE case_id = %s", [broken])
    deliver(1)

    assert row(other, "sent_at IS NOT NULL") == (True,)
    assert row(broken, "sent_at", "problem") == (None, "cannot be written")


def test_a_worker_whose_lease_is_over_notes_nothing(queue, post, noon, row, as_worker):
    from recoup.notifications import actions

    (case,) = queue()
    with as_worker():
        (mine,) = actions.take_messages(limit=1, lease_s=0)
        (theirs,) = actions.take_messages(limit=1, lease_s=60)
        old = actions.Delivery(id=mine.id, merchant_id=mine.merchant_id, fence=mine.fence, subject="old")
        assert theirs.id == mine.id
        assert actions.note_deliveries(deliveries=[old], at=noon) == 0

    assert row(case, "sent_at", "fence") == (None, theirs.fence)


def test_fifty_messages_take_one_connection(queue, deliver, post, address):
    queue(50)
    deliver(0)
    before = post.connections
    deliver(1)

    assert len(post.to(address)) == 50
    assert post.connections == before + 1
