"""The books: journals that balance, are posted once and are never changed."""

import pytest
from django.db import Error, connection
from psycopg import errors

from recoup.kernel import ids
from tests.access.people import signed_in
from tests.refunds.asking import balances, rows


def _entry(shop, **changes):
    from recoup.ledger.accounts import Account
    from recoup.ledger.transactional import Entry

    values = {
        "merchant_id": shop.id,
        "kind": "payout.reserved",
        "reference_id": ids.uuid7(),
        "at": shop.now,
        "debit": Account.REFUNDS_GRANTED,
        "credit": Account.RESERVED_REFUNDS,
        "amount_minor": 500,
        "currency": "SGD",
    }
    return Entry(**(values | changes))


def _post(shop, *entries):
    from recoup.access import tenancy
    from recoup.ledger import transactional

    @tenancy.action
    def post(*, merchant_id):
        return transactional.post(entries)

    return post(merchant_id=shop.id)


def test_a_journal_has_two_sides_that_balance(shop):
    assert _post(shop, _entry(shop)) == 1

    assert balances(shop) == {"refunds_granted": 500, "reserved_refunds": -500}


def test_the_same_fact_told_again_is_posted_once(shop):
    entry = _entry(shop)

    assert [_post(shop, entry), _post(shop, entry), _post(shop, _entry(shop), entry)] == [1, 0, 1]
    assert balances(shop)["refunds_granted"] == 1000


def test_another_attempt_of_the_same_payout_has_its_own_journal(shop):
    entry = _entry(shop)

    assert _post(shop, entry, _entry(shop, reference_id=entry.reference_id, epoch=1)) == 2


def test_cash_is_told_apart_by_account_and_nothing_else_is(shop):
    from recoup.ledger.accounts import Account

    paid = _entry(
        shop, debit=Account.RESERVED_REFUNDS, credit=Account.PROVIDER_BALANCE, rail_account_id=shop.rail_account_id
    )
    _post(shop, paid)

    found = dict(rows(shop, "SELECT account, rail_account_id FROM ledger_posting"))
    assert found == {"reserved_refunds": None, "provider_balance": shop.rail_account_id}


def test_posting_outside_a_transaction_is_a_mistake_of_the_program(shop):
    from recoup.ledger import transactional

    with pytest.raises(AssertionError):
        transactional.post([_entry(shop)])


@pytest.mark.parametrize(
    "postings",
    [
        [("refunds_granted", 500, "SGD")],
        [("refunds_granted", 500, "SGD"), ("reserved_refunds", -499, "SGD")],
        [("refunds_granted", 500, "SGD"), ("reserved_refunds", -500, "GBP")],
        [],
    ],
)
def test_a_journal_that_does_not_balance_in_each_currency_is_refused_at_commit(database, shop, postings):
    with signed_in(database, "recoup_worker", merchant_id=shop.id) as db:
        journal = db.execute(
            "INSERT INTO ledger_journal (merchant_id, kind, reference_id, epoch, at) VALUES (%s, 'x', %s, 0, now())"
            " RETURNING id",
            [shop.id, ids.uuid7()],
        ).fetchone()[0]
        for account, amount, currency in postings:
            db.execute(
                "INSERT INTO ledger_posting (merchant_id, journal_id, account, amount_minor, currency)"
                " VALUES (%s, %s, %s, %s, %s)",
                [shop.id, journal, account, amount, currency],
            )
        with pytest.raises(errors.CheckViolation):
            db.commit()
    assert balances(shop) == {}


def test_a_posting_that_moves_nothing_is_refused(shop):
    with pytest.raises(Error):
        _post(shop, _entry(shop, amount_minor=0))


def test_a_posting_added_to_an_old_journal_is_refused(database, shop):
    _post(shop, _entry(shop))
    ((journal,),) = rows(shop, "SELECT id FROM ledger_journal")

    with signed_in(database, "recoup_web", merchant_id=shop.id) as db:
        db.execute(
            "INSERT INTO ledger_posting (merchant_id, journal_id, account, amount_minor, currency)"
            " VALUES (%s, %s, 'refunds_granted', 1, 'SGD')",
            [shop.id, journal],
        )
        with pytest.raises(errors.CheckViolation):
            db.commit()


@pytest.mark.parametrize("role", [None, "recoup_owner"])
@pytest.mark.parametrize("table", ["ledger_journal", "ledger_posting"])
def test_not_even_the_owner_of_the_database_changes_what_is_written(database, shop, role, table):
    _post(shop, _entry(shop))
    for statement in (
        f"UPDATE {table} SET merchant_id = merchant_id",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        with database.superuser() as db:
            db.autocommit = False
            if role:
                db.execute(f"SET ROLE {role}")
            with pytest.raises(errors.InsufficientPrivilege):
                db.execute(statement)
            db.rollback()


def test_what_is_rolled_back_was_never_posted(shop):
    from recoup.access import tenancy
    from recoup.ledger import transactional

    @tenancy.action
    def stumble(*, merchant_id):
        transactional.post([_entry(shop)])
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    with pytest.raises(Error):
        stumble(merchant_id=shop.id)
    assert balances(shop) == {}
