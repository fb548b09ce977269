"""A market for tests of money: a merchant with an account at the practice provider, captures and payouts.

The database is a real one, each role signs in as itself; the provider is the practice provider in its own process.
"""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from nacl.public import SealedBox

from recoup.kernel import ids
from tests.database import VAULT_KEY, as_role
from tests.sandbox.programs import Program

ROOT = Path(__file__).resolve().parents[2]
#: A moment for rows of which no test asks the time.
THEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Market:
    """One merchant. `house` gives the database; `provider` moves the money."""

    house: Any
    provider: Program
    account: str
    merchant_id: UUID
    rail_account_id: UUID
    webhook_secret: str

    # What there is --------------------------------------------------------------------------------------------------

    def capture(self, amount: int = 1000, currency: str = "GBP", **charge: Any) -> UUID:
        """A payment that was taken, here and at the provider."""
        told = {"account": self.account, "charges": [{"amount": amount, "currency": currency.lower(), **charge}]}
        made = self.provider.post("/_practice/charges", told)["charges"][0]
        order_id, capture_id = ids.uuid7(), ids.uuid7()
        with self.house.superuser() as db:
            db.execute(
                "INSERT INTO orders_order (id, merchant_id, number, email, phone, shopper_name, customer_ref, country,"
                " currency, status, channel, placed_at, paid_minor, shipping_minor, shipping_tax_minor, as_of, source,"
                " source_tag, facts_hash, content_hash, differences, attributes)"
                " VALUES (%s, %s, %s, '', '', '', '', 'GB', %s, 'paid', 'distance', %s, %s, 0, 0, %s, 'test', '', '',"
                " '', '[]', '{}')",
                [order_id, self.merchant_id, f"N{secrets.token_hex(6)}", currency, THEN, amount, THEN],
            )
            db.execute(
                "INSERT INTO payments_capture (id, merchant_id, order_id, rail_account_id, position, method, label,"
                " provider_charge_id, currency, captured_minor, reserved_minor, paid_minor, disputed_minor)"
                " VALUES (%s, %s, %s, %s, 0, 'card', 'Visa 4242', %s, %s, %s, 0, 0, 0)",
                [capture_id, self.merchant_id, order_id, self.rail_account_id, made["id"], currency, amount],
            )
        return capture_id

    def reserve(self, capture_id: UUID, *amounts: int, send_in_s: float = 0) -> list[UUID]:
        """Payouts, one per amount, as a case would reserve them: through the counter, as the web role."""
        from datetime import timedelta

        from recoup.access import tenancy
        from recoup.payments import transactional

        capture = self.row("payments_capture", capture_id)

        @tenancy.action
        def write(*, merchant_id: UUID) -> list[UUID]:
            made = []
            for amount in amounts:
                source = transactional.Source(
                    capture_id=capture_id,
                    rail_account_id=self.rail_account_id,
                    provider_charge_id=capture.provider_charge_id,
                    currency=capture.currency,
                    refundable_minor=amount,
                )
                promise = transactional.Promise(
                    merchant_id=merchant_id,
                    case_id=ids.uuid7(),
                    legs=[(source, amount)],
                    at=now(),
                    due_at=now() + timedelta(minutes=5),
                    send_at=now() + timedelta(seconds=send_in_s),
                )
                made.append(transactional.reserve([promise])[0].id)
            return made

        return write(merchant_id=self.merchant_id)

    def owe(self, amount: int = 1000, **charge: Any) -> UUID:
        """One payout for the whole of a new capture."""
        return self.reserve(self.capture(amount, **charge), amount)[0]

    def rail(self) -> Any:
        """The provider as the merchant's staff see it, who need none of us to give money back."""
        import stripe

        accounts = self.provider.get("/_practice/accounts")["accounts"]
        secret = next(one["secret_key"] for one in accounts if one["id"] == self.account)
        return stripe.StripeClient(secret, base_addresses={"api": self.provider.url}, max_network_retries=0)

    def refund_by_hand(self, capture_id: UUID, amount: int, **more: Any) -> Any:
        """Somebody gives money back in the provider's dashboard."""
        charge = self.row("payments_capture", capture_id).provider_charge_id
        return self.rail().v1.refunds.create({"charge": charge, "amount": amount, **more})

    def becomes(self, refund_id: str, **step: Any) -> None:
        self.provider.post(f"/_practice/refunds/{refund_id}/becomes", step)

    def read_account(self) -> None:
        """The time to read the account's newest refunds has come."""
        self.run(
            "INSERT INTO payments_reading (merchant_id, rail_account_id, next_at) VALUES (%s, %s, now())"
            " ON CONFLICT (rail_account_id, provider_charge_id) DO UPDATE SET next_at = now()",
            self.merchant_id,
            self.rail_account_id,
        )
        self.run("NOTIFY recoup_readings")

    def sightings(self) -> list[Any]:
        """(refund, status, counted) of what the vault saw at the merchant's account beside our payouts."""
        return self.rows(
            "SELECT provider_refund_id, status, counted_minor FROM payments_sighting WHERE rail_account_id = %s"
            " ORDER BY seen_at, provider_refund_id",
            self.rail_account_id,
        )

    def counters(self, capture_id: UUID) -> tuple[int, int, int]:
        """(reserved, paid, elsewhere) of a capture."""
        row = self.row("payments_capture", capture_id)
        return row.reserved_minor, row.paid_minor, row.elsewhere_minor

    def fault(self, **fault: Any) -> Any:
        return self.provider.post("/_practice/faults", {"account": self.account, **fault})

    # What is seen ---------------------------------------------------------------------------------------------------

    def row(self, table: str, row_id: Any) -> SimpleNamespace:
        with self.house.superuser() as db:
            cursor = db.execute(f"SELECT * FROM {table} WHERE id = %s", [row_id])
            row = cursor.fetchone()
            assert row is not None
            assert cursor.description is not None
            return SimpleNamespace(**dict(zip((column.name for column in cursor.description), row, strict=True)))

    def rows(self, query: str, *values: Any) -> list[Any]:
        with self.house.superuser() as db:
            return db.execute(query, values).fetchall()

    def run(self, statement: str, *values: Any) -> None:
        with self.house.superuser() as db:
            db.execute(statement, values)

    def payout(self, payout_id: UUID) -> SimpleNamespace:
        return self.row("payments_payout", payout_id)

    def capture_of(self, payout_id: UUID) -> tuple[int, int]:
        """(reserved, paid) of the payout's capture."""
        capture = self.row("payments_capture", self.payout(payout_id).capture_id)
        return capture.reserved_minor, capture.paid_minor

    def journals(self, payout_id: UUID) -> list[tuple[str, int]]:
        """(kind, epoch) of every journal about the payout, oldest first."""
        return self.rows("SELECT kind, epoch FROM ledger_journal WHERE reference_id = %s ORDER BY id", payout_id)

    def balance(self, account: str) -> int:
        query = "SELECT coalesce(sum(amount_minor), 0) FROM ledger_posting WHERE merchant_id = %s AND account = %s"
        return int(self.rows(query, self.merchant_id, account)[0][0])

    def events(self, payout_id: UUID) -> list[str]:
        rows = self.rows("SELECT kind FROM events_event WHERE subject_id = %s ORDER BY id", payout_id)
        return [row[0] for row in rows]

    def moves(self, payout_id: UUID) -> list[str]:
        rows = self.rows("SELECT to_state FROM events_transition WHERE subject_id = %s ORDER BY id", payout_id)
        return [row[0] for row in rows]

    def outcomes(self, payout_id: UUID) -> list[str]:
        return [
            row[0]
            for row in self.rows("SELECT outcome FROM payments_answer WHERE payout_id = %s ORDER BY id", payout_id)
        ]

    def movements(self, payout_id: UUID) -> list[tuple[str, int]]:
        """What the oracle saw of a payout."""
        told = self.provider.get(f"/_practice/movements?account={self.account}&payout={payout_id}")
        return [(one["kind"], one["amount_minor"]) for one in told["movements"]]

    def moved(self) -> Any:
        return self.provider.get(f"/_practice/movements/summary?account={self.account}")

    # What happens ---------------------------------------------------------------------------------------------------

    def settle(self, *payouts: UUID, until: str = "succeeded", within_s: float = 10.0) -> None:
        """Apply answers, as the worker does, until these payouts are in that state."""
        deadline = time.monotonic() + within_s
        while True:
            apply_all(self.house)
            states = [self.payout(one).state for one in payouts]
            if all(state == until for state in states):
                return
            assert time.monotonic() < deadline, f"{states}, answers {[self.outcomes(one) for one in payouts]}"
            time.sleep(0.02)

    def hurry(self, payout_id: UUID) -> None:
        """The time on its schedule has come."""
        self.run("UPDATE payments_payout SET next_at = now() WHERE id = %s AND next_at IS NOT NULL", payout_id)
        self.run("NOTIFY recoup_payouts")

    def lease_ends(self, payout_id: UUID) -> None:
        """Fifteen seconds have passed for this payout."""
        self.run(
            "UPDATE payments_payout SET lease_until = now() - interval '1 s', next_at = now() WHERE id = %s", payout_id
        )
        self.run("NOTIFY recoup_payouts")


def open_market(house: Any, provider: Program, **account: Any) -> Market:
    """A new merchant with a provider account, a sealed key and a webhook secret."""
    secret = f"sk_test_{secrets.token_hex(8)}"
    made = provider.post("/_practice/accounts", {"secret_key": secret, **account})
    merchant_id, rail_account_id = ids.uuid7(), ids.uuid7()
    webhook_secret = f"whsec_{secrets.token_hex(12)}"
    market = Market(house, provider, made["id"], merchant_id, rail_account_id, webhook_secret)
    with house.superuser() as db:
        db.execute(
            "INSERT INTO payments_railaccount (id, merchant_id, rail, label, base_url, is_enabled, created_at,"
            " webhook_secret_sealed) VALUES (%s, %s, 'stripe', 'Practice', %s, true, now(), %s)",
            [rail_account_id, merchant_id, provider.url, _sealed_for_us(webhook_secret)],
        )
        put_key(db, market, secret)
    return market


def put_key(db: Any, market: Market, secret: str) -> None:
    db.execute(
        "INSERT INTO vault.box (id, merchant_id, rail_account_id, label, sealed, created_at)"
        " VALUES (%s, %s, %s, 'key', %s, clock_timestamp())",
        [
            ids.uuid7(),
            market.merchant_id,
            market.rail_account_id,
            SealedBox(VAULT_KEY.public_key).encrypt(json.dumps({"api_key": secret}).encode()),
        ],
    )


def _sealed_for_us(secret: str) -> bytes:
    from recoup.access import sealing

    return sealing.seal_for_us(secret)


def apply_all(house: Any) -> int:
    """What the worker's station does: apply until there is nothing left."""
    from recoup.payments import actions

    count = 0
    with as_role(house, "recoup_worker"):
        while done := actions.apply_answers(at=now()):
            count += done
    return count


def weigh_all(house: Any) -> int:
    """What the worker's station does with sightings."""
    from recoup.payments import actions

    count = 0
    with as_role(house, "recoup_worker"):
        while done := actions.weigh_sightings(at=now()):
            count += done
    return count


def until(house: Any, condition: Callable[[], Any], within_s: float = 30.0) -> None:
    """Answers are applied and sightings weighed, as the worker does, until it is so."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        apply_all(house)
        weigh_all(house)
        time.sleep(0.02)


def key_file(house: Any) -> Path:
    """The vault's private key, where only the vault looks."""
    path = Path(house.data_dir) / "vault-of-tests.key"
    path.write_text(bytes(VAULT_KEY).hex())
    return path


@contextmanager
def vault_running(house: Any) -> Iterator[Any]:
    """A vault in a thread of this process."""
    from recoup_vault.boxes import Boxes
    from recoup_vault.desk import Desk
    from recoup_vault.lines import Lines
    from recoup_vault.program import Vault

    lines = Lines()
    boxes = Boxes(key_file=key_file(house), lines=lines, is_practice=True)
    vault = Vault(desk=Desk(database_url=house.database_url("vault")), boxes=boxes, lines=lines)
    thread = threading.Thread(target=vault.run, name="vault", daemon=True)
    thread.start()
    try:
        yield vault
    finally:
        vault.stop()
        thread.join(20)
        assert not thread.is_alive()


@contextmanager
def reader_running(house: Any) -> Iterator[Any]:
    """The vault's reader, without the vault."""
    from recoup_vault.boxes import Boxes
    from recoup_vault.lines import Lines
    from recoup_vault.reader import Reader

    lines = Lines()
    boxes = Boxes(key_file=key_file(house), lines=lines, is_practice=True)
    reader = Reader(database_url=house.database_url("vault"), boxes=boxes, lines=lines)
    with reader.at_work():
        yield reader


def start_vault(house: Any, **settings: str) -> subprocess.Popen[bytes]:
    """The vault as its own program, for those who kill it."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "RECOUP_MODE": "demo",
        "RECOUP_DATABASE_URL": house.database_url("vault"),
        "RECOUP_VAULT_KEY_FILE": str(key_file(house)),
        **settings,
    }
    return subprocess.Popen([sys.executable, "-m", "recoup_vault"], env=environment, stderr=subprocess.PIPE)
