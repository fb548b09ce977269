"""The provider and a merchant, for all tests of payments, vault and webhooks, on the database of `tests.database`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.payments.market import Market, open_market
from tests.sandbox.programs import Program, start


@pytest.fixture(scope="session")
def house(cluster: Any) -> Any:
    """The one database of the run: two of them would fight for Django's connection."""
    return cluster


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = start("recoup_sandbox.provider", tmp_path_factory.mktemp("provider"))
    yield program
    assert program.stop() == 0


@pytest.fixture
def market(house: Any, provider: Program) -> Market:
    return open_market(house, provider)
