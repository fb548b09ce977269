"""Whatever is done to one payment, by whom and in what order: in the end the counts are the provider's."""

import random
import time
from contextlib import suppress

import pytest
import stripe

from tests.payments.market import apply_all, now, reader_running, until, vault_running, weigh_all
from tests.webhooks.conftest import Door, event

pytestmark = pytest.mark.slow
STEPS = 30


class Day:
    """One payment of 10,000 on a day on which everything happens to it."""

    def __init__(self, market, house, seed):
        self.market, self.house, self.chance = market, house, random.Random(seed)
        self.door = Door(market)
        self.capture = market.capture(10_000)
        self.charge = market.row("payments_capture", self.capture).provider_charge_id
        self.rail = market.rail()
        self.number = 0

    def refunds(self):
        return [one.to_dict() for one in self.rail.v1.refunds.list({"charge": self.charge, "limit": 100}).data]

    def payouts(self, *states):
        query = (
            "SELECT id FROM payments_payout WHERE capture_id = %s AND state = ANY(%s) AND parked_at IS NULL ORDER BY id"
        )
        return [row[0] for row in self.market.rows(query, self.capture, list(states))]

    # What can happen ------------------------------------------------------------------------------------------------

    def somebody_asks(self):
        from recoup.payments.transactional import OverRefund

        try:
            self.market.reserve(self.capture, self.chance.randrange(100, 2_500))
        except OverRefund:
            left = self.market.row("payments_capture", self.capture)
            held = left.reserved_minor + left.paid_minor + left.elsewhere_minor
            assert held > 10_000 - 2_500

    def staff_give_back(self):
        left = 10_000 - sum(one["amount"] for one in self.refunds() if one["status"] not in ("failed", "canceled"))
        if left >= 100:
            amount = self.chance.randrange(100, min(left, 2_000) + 1)
            self.by_hand(amount)

    def an_old_attempt_turns_out_paid(self):
        ended = self.payouts("failed", "reversed", "canceled", "succeeded")
        for payout in self.chance.sample(ended, min(1, len(ended))):
            row = self.market.payout(payout)
            left = 10_000 - sum(one["amount"] for one in self.refunds() if one["status"] not in ("failed", "canceled"))
            if left >= row.amount_minor:
                told = {"recoup_payout": str(payout), "recoup_epoch": "0"}
                self.by_hand(row.amount_minor, metadata=told)

    def by_hand(self, amount, **more):
        with suppress(stripe.StripeError):  # the provider may refuse staff as well as us
            self.market.refund_by_hand(self.capture, amount, **more)

    def a_refund_fails(self):
        living = [one for one in self.refunds() if one["status"] in ("pending", "succeeded")]
        if living:
            self.market.becomes(self.chance.choice(living)["id"], status="failed", failure_reason="declined")

    def the_next_one_is_slow_or_refused(self):
        refuse = {"status": 402, "code": "card_declined", "message": "no"}
        self.market.fault(**self.chance.choice([{"becomes": [{"status": "pending"}]}, {"refuse": refuse}]))

    def a_person_decides(self):
        from recoup.payments import actions

        for payout in self.payouts("failed", "reversed")[:2]:
            act = self.chance.choice([actions.retry_payout, actions.cancel_payout])
            with suppress(actions.MoveNotAllowed):  # the provider's word came first
                act(merchant_id=self.market.merchant_id, payout_id=payout, by="person:1", at=now())

    def an_event_comes(self):
        refunds = self.refunds()
        if refunds:
            told = self.chance.choice(refunds)
            self.number += 1
            status = self.chance.choice(["pending", "succeeded", "failed", told["status"]])
            self.door.post(event("refund.updated", {**told, "status": status}, identity=f"evt_{self.number}"))
            self.door.act()

    def the_account_is_read(self):
        self.market.read_account()

    # How it ends ----------------------------------------------------------------------------------------------------

    def is_quiet(self):
        """Nobody has anything left to do by himself."""
        self.door.told_again()
        busy = "SELECT 1 FROM payments_payout WHERE capture_id = %s AND parked_at IS NULL AND state = ANY(%s)"
        open_states = ["queued", "submitting", "unknown", "provider_pending"]
        if self.market.rows(busy, self.capture, open_states):
            return False
        due = "SELECT 1 FROM payments_reading WHERE rail_account_id = %s AND next_at < now() + interval '70 s'"
        account = self.market.rail_account_id
        return not self.market.rows(due, account)

    def is_looked_at(self):
        query = "SELECT 1 FROM payments_payout WHERE capture_id = %s AND look_up AND parked_at IS NULL"
        return not self.market.rows(query, self.capture)

    def ends(self):
        """The provider finishes what is pending; everything is read once more, and weighed until nothing changes."""
        self.market.provider.call("DELETE", "/_practice/faults")
        for one in self.refunds():
            if one["status"] == "pending":
                self.market.becomes(one["id"], status=self.chance.choice(["succeeded", "failed"]))
        for _ in range(2):
            self.market.run(
                "UPDATE payments_payout SET look_up = true, next_at = now() WHERE capture_id = %s AND parked_at IS NULL"
                " AND state IN ('provider_pending', 'succeeded')",
                self.capture,
            )
            self.market.run("NOTIFY recoup_payouts")
            self.market.run(
                "INSERT INTO payments_reading (merchant_id, rail_account_id, provider_charge_id, next_at)"
                " VALUES (%s, %s, %s, now())"
                " ON CONFLICT (rail_account_id, provider_charge_id) DO UPDATE SET next_at = now()",
                self.market.merchant_id,
                self.market.rail_account_id,
                self.charge,
            )
            self.market.run("NOTIFY recoup_readings")
            until(self.house, self.is_looked_at, within_s=60)
            until(self.house, self.is_quiet, within_s=60)
            self.market.run(
                "UPDATE payments_sighting SET next_at = now() WHERE merchant_id = %s", self.market.merchant_id
            )
            weigh_all(self.house)

    def released(self):
        """A person has looked at everything that was parked."""
        from recoup.payments import actions

        query = "SELECT id FROM payments_payout WHERE capture_id = %s AND parked_at IS NOT NULL ORDER BY id"
        for (payout,) in self.market.rows(query, self.capture):
            actions.release_payout(merchant_id=self.market.merchant_id, payout_id=payout, by="person:1", at=now())


@pytest.mark.parametrize("seed", range(4))
def test_in_the_end_the_counts_are_the_providers(market, house, seed):
    day = Day(market, house, seed)
    happenings = [
        day.somebody_asks,
        day.somebody_asks,
        day.staff_give_back,
        day.an_old_attempt_turns_out_paid,
        day.a_refund_fails,
        day.the_next_one_is_slow_or_refused,
        day.a_person_decides,
        day.an_event_comes,
        day.an_event_comes,
        day.the_account_is_read,
    ]
    with vault_running(house), reader_running(house):
        for _ in range(STEPS):
            day.chance.choice(happenings)()
            if day.chance.random() < 0.7:
                time.sleep(0.05)  # the vault is quicker
                apply_all(house)
                weigh_all(house)
        day.ends()
        day.released()
        day.ends()

    given = sum(one["amount"] for one in day.refunds() if one["status"] not in ("failed", "canceled"))
    reserved, paid, elsewhere = market.counters(day.capture)
    assert paid + elsewhere == given <= 10_000
    assert market.balance("provider_balance") == -given
    assert market.balance("reserved_refunds") == -reserved
    open_minor = "SELECT coalesce(sum(amount_minor), 0) FROM payments_payout WHERE capture_id = %s AND state = ANY(%s)"
    states = ["failed", "reversed", "unknown", "awaiting_merchant_funds", "queued"]
    assert market.rows(open_minor, day.capture, states)[0][0] == reserved
