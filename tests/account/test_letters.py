"""Letters about accounts: in line at once, sealed, sent by the worker, wiped; a mail server that is away loses none."""

import io
import json
import logging
import secrets

import pytest
from django.db import connection
from django.test import Client

from tests.addresses import somewhere


@pytest.fixture
def address():
    return f"kim-{secrets.token_hex(5)}@home.example"


@pytest.fixture
def asks_for_code(database):
    def ask(address):
        return Client(REMOTE_ADDR=somewhere()).post("/account/login/code/", {"email": address})

    return ask


@pytest.fixture
def kim(database, address):
    from allauth.account.models import EmailAddress

    from recoup.identity.models import Person

    person = Person.objects.create(email=address, name="Kim")
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    return person


@pytest.fixture
def deliver(as_worker, noon):
    """The worker's station, until nothing is due for the address any more or it was tried."""

    def run(at=noon, rounds=20):
        from recoup.notifications import letter_jobs

        with as_worker():
            for _ in range(rounds):
                letter_jobs.deliver(at=at)

    return run


@pytest.fixture
def row(as_worker, address):
    def read(*columns):
        with as_worker(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(columns)} FROM notifications_accountletter WHERE to_address = %s ORDER BY id DESC",
                [address],
            )
            return cursor.fetchone()

    return read


@pytest.fixture
def due(as_worker, address):
    def now():
        with as_worker(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE notifications_accountletter SET next_at = now() WHERE to_address = %s AND next_at IS NOT NULL",
                [address],
            )

    return now


def test_a_code_reaches_its_owner_through_the_worker(kim, address, asks_for_code, letters, deliver, post):
    asks_for_code(address)
    code = letters.code(address)
    assert post.to(address) == []

    deliver()

    [mail] = post.to(address)
    assert mail["Subject"] == "Your sign-in code"
    assert code in mail.get_body(("plain",)).get_content()
    assert code in mail.get_body(("html",)).get_content()


def test_what_a_letter_says_is_sealed_and_wiped_when_it_is_sent(
    kim, address, asks_for_code, letters, deliver, post, row
):
    asks_for_code(address)
    code = letters.code(address)
    (whole,) = row("to_jsonb(notifications_accountletter)::text")
    assert code not in whole
    assert code.encode() not in bytes.fromhex(json.loads(whole)["facts_sealed"].removeprefix("\\x"))

    deliver()

    assert row("length(facts_sealed)", "sent_at IS NOT NULL") == (0, True)


def test_a_mail_server_that_is_away_costs_no_page_and_no_letter(
    kim, address, asks_for_code, letters, deliver, due, no_post, row, request
):
    answer = asks_for_code(address)
    code = letters.code(address)
    deliver()

    assert answer.status_code == 302
    assert row("problem", "tries", "parked_at IS NULL") == ("mail server away", 0, True)
    post = request.getfixturevalue("post")
    due()
    deliver()
    assert [code in mail.get_body(("plain",)).get_content() for mail in post.to(address)] == [True]


def test_a_code_that_is_too_old_is_not_sent_and_not_kept(kim, address, asks_for_code, deliver, noon, post, row):
    from datetime import timedelta

    asks_for_code(address)

    deliver(at=noon + timedelta(minutes=11))

    assert post.to(address) == []
    assert row("length(facts_sealed)", "problem", "next_at") == (0, "too late to be of use", None)


def test_an_address_that_takes_no_mail_is_given_up_and_the_code_wiped(kim, address, asks_for_code, deliver, post, row):
    asks_for_code(address)
    post.answers.extend(["550 no such user"] * 20)

    deliver()

    assert row("length(facts_sealed)", "parked_at IS NOT NULL", "next_at") == (0, True, None)


def test_no_code_and_no_link_is_in_the_log(kim, address, asks_for_code, letters, deliver, post, capsys):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    try:
        asks_for_code(address)
        code = letters.code(address)
        deliver()
    finally:
        logging.getLogger().removeHandler(handler)

    told = capsys.readouterr()
    assert code not in heard.getvalue() + told.out + told.err
    assert address not in heard.getvalue() + told.out + told.err


def test_a_letter_that_cannot_be_written_does_not_hold_up_the_others(
    kim, address, asks_for_code, deliver, post, as_worker, row
):
    asks_for_code(address)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_accountletter SET kind = 'no_such_letter' WHERE to_address = %s", [address]
        )
    other = f"other-{address}"
    asks_for_code(other)

    deliver()

    assert len(post.to(other)) == 1
    assert row("problem", "sent_at") == ("cannot be written", None)


def test_somebody_without_an_account_is_sent_a_letter_too(address, letters):
    answer = Client(REMOTE_ADDR=somewhere()).post("/account/password/reset/", {"email": address})

    [letter] = letters.to(address)
    assert answer.status_code == 302
    assert letter.subject == "There is no account with this address"
    assert "/account/login/" in letter.text


def test_web_may_write_letters_and_not_read_them(database, kim, address, asks_for_code):
    from django.db import ProgrammingError

    asks_for_code(address)

    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT facts_sealed FROM notifications_accountletter LIMIT 1")


def test_every_letter_has_words_and_each_of_them_can_be_written():
    from recoup.notifications.letter_wording import CHANGES, WORDS
    from recoup.notifications.states import Letter

    assert set(WORDS) == CHANGES | set(Letter)
    names = "who what since company role number subject text device when factor old new provider app apps_url until"
    facts = dict.fromkeys(names.split(), "something")
    for words in WORDS.values():
        for text in (words.subject, *words.paragraphs):
            assert "{" not in text.format_map(facts)
