"""A subscriber hears each event once: not twice after a failure, not never because somebody committed late."""

import secrets
import threading

import pytest
from django.db import connection, transaction

from recoup.access import tenancy
from recoup.config.hearing import Listener
from recoup.config.subscriptions import SUBSCRIPTIONS, Subscription
from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.kernel import ids


class Diary:
    """A subscriber that writes down what it hears, of one company only; `bad` events make it fail.

    What counts is what it heard for good: a run that another worker overtook is rolled back with all that it did.
    """

    def __init__(self, merchant_id, bad=()):
        self.merchant_id, self.bad = merchant_id, set(bad)
        self.heard, self.batches = [], []

    def __call__(self, heard, *, at):
        names = [event.data["name"] for event in heard if event.merchant_id == self.merchant_id]
        if self.bad & set(names):
            raise ValueError("this one cannot be heard")
        transaction.on_commit(lambda: self._keep(names))

    def _keep(self, names):
        self.heard += names
        self.batches.append(names)


@pytest.fixture
def kind():
    """A kind of event that only this test knows."""
    return f"test.{secrets.token_hex(4)}"


@pytest.fixture
def record(shop, noon, kind):
    """Records events with names, in one transaction."""

    @tenancy.action
    def write(*names, merchant_id):
        events.record(
            [
                Happening(
                    merchant_id=merchant_id, at=noon, kind=kind, subject_id=ids.uuid7(), actor="t", data={"name": n}
                )
                for n in names
            ]
        )

    return lambda *names: write(*names, merchant_id=shop.id)


@pytest.fixture
def listener(kind):
    def make(handler, name=None, **changes):
        subscription = Subscription(name=name or secrets.token_hex(4), kinds=frozenset({kind}), handler="")
        return Listener(subscription, handler=handler, **changes)

    return make


def place_of(listener):
    with tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("SELECT tries FROM events_cursor WHERE name = %s", [listener._name])
        return cursor.fetchone()


def test_everything_is_heard_once_in_order(record, listener, shop, noon, as_worker):
    record("a", "b")
    record("c")
    diary = Diary(shop.id)

    with as_worker():
        hears = listener(diary)
        assert hears(at=noon) == 3
        assert hears(at=noon) == 0
        record_more = diary.heard.copy()

    assert record_more == ["a", "b", "c"]


def test_a_transaction_that_commits_late_is_not_missed(record, listener, shop, noon, as_worker, database, kind):
    diary = Diary(shop.id)
    with database.superuser() as late:
        with late.transaction():
            late.execute("SELECT set_config('recoup.merchant_id', %s, true)", [str(shop.id)])
            late.execute(
                "INSERT INTO events_event (merchant_id, at, kind, subject_id, actor, data)"
                " VALUES (%s, now(), %s, %s, 't', '{\"name\": \"late\"}')",
                [shop.id, kind, shop.id],
            )
            record("early")
            with as_worker():
                hears = listener(diary)
                assert hears(at=noon) == 0, "nothing beyond a transaction that still runs"
        with as_worker():
            hears(at=noon)

    assert sorted(diary.heard) == ["early", "late"]


def test_a_batch_never_cuts_a_transaction_in_two(record, listener, shop, noon, as_worker):
    record("a")
    record("b", "c", "d")
    record("e")
    diary = Diary(shop.id)

    with as_worker():
        hears = listener(diary, batch=3)
        while hears(at=noon):
            pass

    assert diary.batches == [["a"], ["b", "c", "d"], ["e"]]


def test_two_workers_never_hear_the_same_event(record, listener, shop, noon, as_worker):
    for number in range(30):
        record(str(number))
    diary, name = Diary(shop.id), secrets.token_hex(4)

    def work():
        try:
            hears = listener(diary, name=name, batch=2)
            for _ in range(60):
                hears(at=noon)
        finally:
            connection.close()

    # The role is the process's, not a thread's: it is changed once, around all of them.
    with as_worker():
        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    assert sorted(diary.heard, key=int) == [str(number) for number in range(30)]


def test_what_the_handler_wrote_is_gone_when_it_fails(record, listener, shop, noon, as_worker, kind):
    record("a")

    def writes_then_fails(heard, *, at):
        events.record(
            [Happening(merchant_id=shop.id, at=at, kind=f"{kind}.half", subject_id=shop.id, actor="t", data={})]
        )
        raise ValueError

    with as_worker():
        with pytest.raises(ValueError):
            listener(writes_then_fails)(at=noon)
        with tenancy.every_merchant(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM events_event WHERE kind = %s", [f"{kind}.half"])
            assert cursor.fetchone() == (0,)


def test_a_poisonous_event_is_parked_after_five_tries_and_the_others_are_heard(record, listener, shop, noon, as_worker):
    record("a")
    record("poison", "b")
    record("c")
    diary = Diary(shop.id, bad={"poison"})

    with as_worker():
        hears = listener(diary)
        failures = 0
        for _ in range(20):
            try:
                hears(at=noon)
            except ValueError:
                failures += 1
        with tenancy.every_merchant(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT data ->> 'subscription', data ->> 'problem' FROM events_event"
                " WHERE merchant_id = %s AND kind = 'subscription.parked'",
                [shop.id],
            )
            parked = cursor.fetchall()
        assert place_of(hears) == (0,)

    assert failures == 5
    assert diary.heard == ["a", "b", "c"]
    assert parked == [(hears._name, "ValueError")]


def test_an_event_that_kills_its_program_is_parked_too(record, listener, shop, noon, as_worker):
    record("killer")
    record("b")
    name, deaths = secrets.token_hex(4), 0
    diary = Diary(shop.id)

    class Death(BaseException):
        """Nothing of the process goes on after this."""

    def dies(heard, *, at):
        if any(event.data["name"] == "killer" for event in heard):
            raise Death
        diary(heard, at=at)

    with as_worker():
        for _ in range(30):
            process = listener(dies, name=name)  # each life starts with a new one
            try:
                process(at=noon)
            except Death:
                deaths += 1

    assert diary.heard == ["b"]
    assert deaths <= 8


def test_a_program_that_dies_for_another_reason_parks_nothing(record, listener, shop, noon, as_worker):
    record("a")
    name, diary = secrets.token_hex(4), Diary(shop.id)

    with as_worker():
        for _ in range(20):  # restarted again and again before it came to hear anything
            listener(diary, name=name)._tries()
        hears = listener(diary, name=name)
        for _ in range(5):
            hears(at=noon)

    assert diary.heard == ["a"]


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS, ids=lambda subscription: subscription.name)
def test_every_subscription_names_a_handler_that_exists(subscription, database):
    assert Listener(subscription)


def test_subscribers_have_names_of_their_own():
    assert len({subscription.name for subscription in SUBSCRIPTIONS}) == len(SUBSCRIPTIONS)
