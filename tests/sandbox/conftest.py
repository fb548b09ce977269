"""One practice provider and one town for the whole run; each test has an account, a shop and a mailbox of its own."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.sandbox.programs import Program, start
from tests.sandbox.receiver import Receiver

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these start programs."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("slow")


@dataclass
class Shop:
    """A merchant at the practice provider, with the official client in hand."""

    provider: Program
    account: str
    secret_key: str

    @property
    def client(self) -> stripe.StripeClient:
        addresses = {"api": self.provider.url}
        return stripe.StripeClient(self.secret_key, base_addresses=addresses, max_network_retries=0)

    @property
    def refunds(self) -> Any:
        return self.client.v1.refunds

    def charge(self, amount: int = 1000, currency: str = "gbp", **more: Any) -> str:
        told = {"account": self.account, "charges": [{"amount": amount, "currency": currency, **more}]}
        return str(self.provider.post("/_practice/charges", told)["charges"][0]["id"])

    def fault(self, **fault: Any) -> Any:
        return self.provider.post("/_practice/faults", {"account": self.account, **fault})

    def rule(self, **rule: Any) -> Any:
        return self.provider.post("/_practice/webhooks/rules", {"account": self.account, **rule})

    def change(self, **settings: Any) -> Any:
        return self.provider.post(f"/_practice/accounts/{self.account}", settings)

    def movements(self) -> list[tuple[str, int]]:
        """What the oracle saw: (kind, amount), oldest first."""
        told = self.provider.get(f"/_practice/movements?account={self.account}")
        return [(row["kind"], row["amount_minor"]) for row in told["movements"]]


def open_shop(provider: Program, **settings: Any) -> Shop:
    told = {"secret_key": f"sk_test_{secrets.token_hex(8)}", **settings}
    account = provider.post("/_practice/accounts", told)
    return Shop(provider, account["id"], account["secret_key"])


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = start("recoup_sandbox.provider", tmp_path_factory.mktemp("provider"))
    yield program
    assert program.stop() == 0


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = start("recoup_sandbox.town", tmp_path_factory.mktemp("town"))
    yield program
    assert program.stop() == 0


@pytest.fixture
def shop(provider: Program) -> Shop:
    return open_shop(provider)


@pytest.fixture
def own_provider(tmp_path: Any) -> Iterator[Program]:
    """A provider that only this test uses, for moving its clock or killing it."""
    program = start("recoup_sandbox.provider", tmp_path)
    yield program
    program.kill()


@pytest.fixture
def receiver(shop: Shop) -> Iterator[Receiver]:
    """The shop's webhook address, hearing of everything."""
    one = Receiver()
    made = shop.client.v1.webhook_endpoints.create({"url": one.url, "enabled_events": ["*"]})
    one.secret = str(made.secret)
    yield one
    one.close()
