"""The provider's own record of money: nobody can change it, and what was answered is in it even after kill -9."""

import contextlib
import secrets
import sqlite3
import threading

import pytest
import stripe

from tests.sandbox.conftest import Shop, open_shop
from tests.sandbox.programs import start


def test_movements_can_be_neither_changed_nor_deleted(shop):
    shop.refunds.create({"charge": shop.charge()})
    file = shop.provider.directory / "provider.sqlite3"

    with contextlib.closing(sqlite3.connect(file)) as database:
        for sql in ("UPDATE movements SET amount_minor = 1", "DELETE FROM movements"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(sql)
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(
                "INSERT OR REPLACE INTO movements SELECT id, at, account, charge, refund, 7, currency, recoup_payout, "
                "kind FROM movements LIMIT 1"
            )


def test_the_sums_show_every_payout_that_was_paid_twice(shop):
    charge = shop.charge(5000, "sgd")
    for payout in ("p-once", "p-twice", "p-twice"):
        reference = f"{payout}-{shop.account}"
        shop.refunds.create({"charge": charge, "amount": 100, "metadata": {"recoup_payout": reference}})
    shop.refunds.create({"charge": charge, "amount": 50})

    told = shop.provider.get(f"/_practice/movements/summary?account={shop.account}")

    assert told["sums"] == [
        {
            "account": shop.account,
            "currency": "sgd",
            "count": 4,
            "moved_minor": 350,
            "refunds": 4,
            "reversals": 0,
            "without_payout": 1,
        }
    ]
    assert told["duplicates"] == [
        {
            "recoup_payout": f"p-twice-{shop.account}",
            "account": shop.account,
            "standing_refunds": 2,
            "moved_minor": 200,
        }
    ]
    assert told["double_payments"] == 1


def test_a_refund_that_failed_and_was_made_again_is_no_double_payment(shop):
    charge = shop.charge()
    metadata = {"recoup_payout": f"p-{shop.account}"}
    failed = shop.refunds.create({"charge": charge, "metadata": metadata})
    shop.provider.post(f"/_practice/refunds/{failed.id}/becomes", {"status": "failed"})
    shop.refunds.create({"charge": charge, "metadata": metadata})

    assert shop.provider.get(f"/_practice/movements/summary?account={shop.account}")["double_payments"] == 0
    assert shop.movements() == [("refund", 1000), ("refund_reversal", -1000), ("refund", 1000)]


def test_movements_are_read_in_pages(shop):
    for _ in range(5):
        shop.refunds.create({"charge": shop.charge(100)})

    first = shop.provider.get(f"/_practice/movements?account={shop.account}&limit=3")
    rest = shop.provider.get(f"/_practice/movements?account={shop.account}&after={first['next_after']}")

    assert (len(first["movements"]), first["has_more"]) == (3, True)
    assert (len(rest["movements"]), rest["has_more"]) == (2, False)


def test_what_was_answered_survives_kill_9_and_keys_still_protect(own_provider, tmp_path):
    shop = open_shop(own_provider)
    charges = [shop.charge(100) for _ in range(400)]
    answered: list[str] = []

    def pay(some: list[str]) -> None:
        with contextlib.suppress(stripe.APIConnectionError):
            for charge in some:
                shop.refunds.create({"charge": charge}, {"idempotency_key": charge})
                answered.append(charge)
                if len(answered) == 60:
                    own_provider.process.kill()

    threads = [threading.Thread(target=pay, args=(charges[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = start("recoup_sandbox.provider", tmp_path)
    try:
        risen = Shop(again, shop.account, shop.secret_key)
        paid = {row["charge"] for row in again.get(f"/_practice/movements?account={shop.account}")["movements"]}
        assert set(answered) <= paid
        for charge in charges:
            risen.refunds.create({"charge": charge}, {"idempotency_key": charge})
        assert len(risen.movements()) == 400
    finally:
        again.kill()


def test_a_stopped_provider_comes_back_with_everything(own_provider, tmp_path):
    shop = open_shop(own_provider, name="Kept")
    charge = shop.charge()
    shop.fault(becomes=[{"status": "pending"}, {"after_s": 3600, "status": "succeeded"}])
    refund = shop.refunds.create({"charge": charge}, {"idempotency_key": secrets.token_hex()})
    own_provider.post("/_practice/clock", {"advance_s": 10})
    assert own_provider.stop() == 0

    again = start("recoup_sandbox.provider", tmp_path)
    try:
        risen = Shop(again, shop.account, shop.secret_key)
        assert risen.refunds.retrieve(refund.id).status == "pending"
        again.post("/_practice/clock", {"advance_s": 3600})
        assert risen.refunds.retrieve(refund.id).status == "succeeded"
        assert 3600 < again.get("/_practice/clock")["offset_s"] < 3620
    finally:
        again.kill()
