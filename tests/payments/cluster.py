"""The provider and a merchant, for all tests of payments, vault and webhooks, on the database of `tests.database`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.payments.market import Market, open_market
from tests.sandbox.programs import Program, start


@pytest.fixture(scope="session")
def house(cluster: Any) -> Iterator[Any]:
    """The database, entered as `web`; connections are closed before it is."""
    from django.db import connections

    yield cluster
    connections.close_all()


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The practice provider in its own process."""
    program = start("recoup_sandbox.provider", tmp_path_factory.mktemp("provider"))
    yield program
    assert program.stop() == 0


@pytest.fixture
def market(house: Any, provider: Program) -> Market:
    """A merchant of the test's own. What earlier tests left for a vault to pay waits until they are all over."""
    with house.superuser() as db:
        db.execute(
            "UPDATE payments_payout SET next_at = now() + interval '1 day' WHERE next_at < now() + interval '1 h'"
        )
        db.execute(
            "UPDATE payments_reading SET next_at = now() + interval '1 day' WHERE next_at < now() + interval '1 h'"
        )
    return open_market(house, provider)
