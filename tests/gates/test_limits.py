"""Limits: never more than the quota of a window, over all processes; and nobody is locked out by a stranger."""

import secrets
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

#: The beginning of a window of every length that the table has.
DAWN = datetime(2026, 11, 23, 0, 0, 0, tzinfo=UTC)


@pytest.fixture
def limits(database):
    from recoup.access import limits

    limits.forget()
    return limits


@pytest.fixture
def somebody():
    return secrets.token_hex(8)


@pytest.fixture
def set_limit(as_worker):
    """What the operator's command does."""
    from recoup.access import actions

    def put(shop, bucket, quota, window_s, **key):
        with as_worker():
            actions.set_limit(
                merchant_id=shop.id,
                bucket=bucket,
                quota=quota,
                window_s=window_s,
                by="operator",
                at=shop.now,
                **key,
            )

    return put


def drain(limits, count, *, bucket, subject, at, **owner):
    """How many of so many tries are allowed."""
    return sum(limits.spend(bucket=bucket, subject=subject, at=at, **owner).is_allowed for _ in range(count))


def statements_of_the_counter(limits):
    """How often the table was asked: the thread that counts tells."""
    from recoup.access import limits_rows

    asked = []
    real = limits_rows._apart

    def counted(*arguments):
        asked.append(arguments[0].__name__)
        return real(*arguments)

    return asked, counted


def test_a_key_may_ask_as_often_as_its_limit_says_and_no_more(limits, shop, somebody, set_limit):
    set_limit(shop, "api.key", 100, 10)

    assert drain(limits, 130, bucket="api.key", subject=somebody, at=DAWN, merchant_id=shop.id) == 100


def test_processes_share_one_limit_to_the_last_token(limits, shop, somebody, set_limit):
    """Each process has purses of its own; `forget` stands for another process that begins with none."""
    set_limit(shop, "api.key", 200, 10)

    allowed = 0
    purses = [{}, {}, {}]
    for turn in range(400):
        limits._purses = purses[turn % 3]
        allowed += drain(limits, 1, bucket="api.key", subject=somebody, at=DAWN, merchant_id=shop.id)

    assert allowed == 200


def test_threads_at_one_moment_never_spend_more_than_there_is(limits, shop, somebody, set_limit):
    set_limit(shop, "api.key", 150, 10)
    allowed = []

    def ask():
        allowed.append(drain(limits, 20, bucket="api.key", subject=somebody, at=DAWN, merchant_id=shop.id))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(allowed) == 150


def test_the_next_window_begins_full(limits, shop, somebody, set_limit):
    set_limit(shop, "api.key", 10, 10)
    assert drain(limits, 20, bucket="api.key", subject=somebody, at=DAWN, merchant_id=shop.id) == 10

    refused = limits.spend(bucket="api.key", subject=somebody, at=DAWN + timedelta(seconds=4), merchant_id=shop.id)

    assert (refused.is_allowed, refused.remaining, refused.retry_after_s) == (False, 0, 6)
    later = DAWN + timedelta(seconds=10)
    assert drain(limits, 20, bucket="api.key", subject=somebody, at=later, merchant_id=shop.id) == 10


def test_many_requests_cost_few_questions_to_the_database(limits, monkeypatch, somebody):
    from recoup.access import limits_rows

    asked, counted = statements_of_the_counter(limits)
    monkeypatch.setattr(limits_rows, "_apart", counted)

    assert drain(limits, 5_000, bucket="api.key", subject=somebody, at=DAWN) == 5_000
    assert len(asked) <= 20


def test_who_is_refused_costs_the_database_nothing_more(limits, shop, monkeypatch, somebody, set_limit):
    from recoup.access import limits_rows

    set_limit(shop, "api.key", 30, 10)
    drain(limits, 40, bucket="api.key", subject=somebody, at=DAWN, merchant_id=shop.id)
    asked, counted = statements_of_the_counter(limits)
    monkeypatch.setattr(limits_rows, "_apart", counted)

    assert drain(limits, 500, bucket="api.key", subject=somebody, at=DAWN, merchant_id=shop.id) == 0
    assert asked == []


def test_one_company_cannot_use_up_anothers(limits, shop, somebody, set_limit):
    set_limit(shop, "api.key", 5, 10)

    assert drain(limits, 50, bucket="api.key", subject=somebody, at=DAWN, merchant_id=shop.id) == 5
    assert drain(limits, 50, bucket="api.key", subject=secrets.token_hex(8), at=DAWN) == 50


def test_a_key_has_its_own_limit_before_its_companys(limits, shop, somebody, set_limit):
    from recoup.access import actions

    key_id, _ = actions.create_key(merchant_id=shop.id, label="till", scopes=["orders:read"], by="test", at=shop.now)
    set_limit(shop, "api.key", 5, 10)
    set_limit(shop, "api.key", 9, 10, key_id=key_id)

    whose = {"merchant_id": shop.id, "key_id": key_id}
    assert drain(limits, 20, bucket="api.key", subject=somebody, at=DAWN, **whose) == 9
    assert drain(limits, 20, bucket="api.key", subject=secrets.token_hex(8), at=DAWN, merchant_id=shop.id) == 5


def test_a_limit_that_was_cleared_is_everybodys_again(limits, shop, somebody, as_worker, set_limit):
    from recoup.access import actions

    set_limit(shop, "api.key", 5, 10)
    with as_worker():
        actions.clear_limit(merchant_id=shop.id, bucket="api.key", by="operator", at=shop.now)

    assert drain(limits, 50, bucket="api.key", subject=somebody, at=DAWN, merchant_id=shop.id) == 50


def test_what_is_not_for_a_company_to_set_is_refused(shop, as_worker):
    from recoup.access import actions
    from recoup.kernel.errors import Invalid, NotFound

    with as_worker():
        for bucket, quota in (("sign-in", 5), ("nothing", 5), ("api.key", 0)):
            with pytest.raises(Invalid):
                actions.set_limit(
                    merchant_id=shop.id, bucket=bucket, quota=quota, window_s=10, by="operator", at=shop.now
                )
        with pytest.raises(NotFound):
            actions.set_limit(
                merchant_id=shop.id, bucket="api.key", quota=5, window_s=10, by="o", at=shop.now, key_id=shop.id
            )


def test_tries_are_counted_exactly_and_come_back_evenly(limits, somebody):
    assert drain(limits, 30, bucket="sign-in.pair", subject=somebody, at=DAWN) == 10

    refused = limits.spend(bucket="sign-in.pair", subject=somebody, at=DAWN)
    assert (refused.is_allowed, refused.retry_after_s) == (False, 90)
    assert drain(limits, 5, bucket="sign-in.pair", subject=somebody, at=DAWN + timedelta(seconds=89)) == 0
    assert drain(limits, 5, bucket="sign-in.pair", subject=somebody, at=DAWN + timedelta(seconds=91)) == 1


def test_a_burst_of_tries_at_one_moment_is_not_let_through(limits, somebody):
    allowed = []
    barrier = threading.Barrier(20)

    def attempt():
        barrier.wait()
        allowed.append(limits.spend(bucket="sign-in.pair", subject=somebody, at=DAWN).is_allowed)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(allowed) == 10


def test_a_success_gives_its_try_back(limits, somebody):
    for _ in range(25):
        assert limits.spend(bucket="sign-in.pair", subject=somebody, at=DAWN).is_allowed
        limits.give_back(bucket="sign-in.pair", subject=somebody)


def test_one_may_look_without_spending(limits, somebody):
    for _ in range(30):
        assert limits.spend(bucket="sign-in.pair", subject=somebody, cost=0, at=DAWN).is_allowed
    drain(limits, 10, bucket="sign-in.pair", subject=somebody, at=DAWN)

    assert not limits.spend(bucket="sign-in.pair", subject=somebody, cost=0, at=DAWN).is_allowed


def test_a_strangers_tries_do_not_lock_the_victim_out(limits, somebody):
    """The stranger's pair is used up; the victim's pair, from the address that is theirs, is whole."""
    assert drain(limits, 100, bucket="sign-in.pair", subject=f"{somebody} 203.0.113.9", at=DAWN) == 10

    assert limits.spend(bucket="sign-in.pair", subject=f"{somebody} 198.51.100.7", at=DAWN).is_allowed


def test_what_was_spent_stays_spent_when_the_asker_fails(limits, somebody):
    from django.db import transaction

    def fail_after_ten_tries():
        with transaction.atomic():
            drain(limits, 10, bucket="sign-in.pair", subject=somebody, at=DAWN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_ten_tries()

    assert not limits.spend(bucket="sign-in.pair", subject=somebody, at=DAWN).is_allowed


def test_counting_adds_no_statement_to_the_transaction_of_whoever_asks(limits, somebody):
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        limits.spend(bucket="api.key", subject=somebody, at=DAWN)
        limits.spend(bucket="sign-in.pair", subject=somebody, at=DAWN)

    assert len(asked) == 0


def test_without_a_database_requests_pass_and_guesses_do_not(limits, monkeypatch, somebody):
    from django.db import OperationalError

    from recoup.access import limits_rows

    asked = []

    def away(*_):
        asked.append(1)
        raise OperationalError("away")

    monkeypatch.setattr(limits_rows, "_apart", away)

    assert drain(limits, 50, bucket="api.key", subject=somebody, at=DAWN) == 50
    assert len(asked) == 1, "a database that is away is not asked by each request"
    with pytest.raises(limits.NobodyCounts):
        limits.spend(bucket="sign-in.pair", subject=somebody, at=DAWN)


def test_nobody_reads_an_address_out_of_the_table(limits, database, somebody):
    limits.spend(bucket="sign-in.pair", subject=f"{somebody} 203.0.113.77", at=DAWN)
    limits.spend(bucket="pages.address", subject=f"{somebody} 203.0.113.77", at=DAWN)

    with database.superuser() as other:
        rows = other.execute("SELECT bucket, encode(subject, 'escape') FROM access_spent").fetchall()

    assert rows
    assert not [subject for _, subject in rows if somebody in subject or "203.0.113" in subject]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_whoever_has_many_addresses_of_a_network_has_one_limit(address, network):
    from recoup.access.limits import network_of

    assert network_of(address) == network


def test_the_environment_may_say_other_limits(monkeypatch, database):
    from django.conf import settings

    from recoup.access import limits_rules
    from recoup.kernel.errors import Invalid

    assert limits_rules._said("api.key=5/60, keys=7/10") == {"api.key": (5, 60), "keys": (7, 10)}
    for wrong in ("api.key=5", "api.key=0/5", "nothing=5/5", "api.key=-1/5", "api.key=5/x"):
        with pytest.raises(Invalid):
            limits_rules._said(wrong)
    assert settings.LIMITS == ""


def test_only_the_operator_may_set_a_limit(shop):
    """The web's role may read limits, so nobody who takes over a page can lift them."""
    from django.db import ProgrammingError

    from recoup.access import actions

    with pytest.raises(ProgrammingError, match="permission denied"):
        actions.set_limit(merchant_id=shop.id, bucket="api.key", quota=5, window_s=10, by="web", at=shop.now)
