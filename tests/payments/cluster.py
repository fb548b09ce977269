"""The provider and a merchant, for all tests of payments, vault and webhooks, on the database of `tests.database`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.payments.market import Market, open_market
from tests.sandbox.programs import Program, start


@pytest.fixture(scope="session")
def house() -> Iterator[Any]:
    import os, subprocess, sys
    from recoup.config.private_house import PrivateHouse
    from tests.database import _set_up_django

    with PrivateHouse(cluster_only=True) as opened:
        environment = {**os.environ, **opened.environment("owner")}
        command = [sys.executable, "-W", "ignore", "-m", "recoup.config.manage", "migrate", "-v", "0", "--skip-checks"]
        subprocess.run(command, env=environment, check=True)
        _set_up_django(opened)
        yield opened
        from django.db import connections

        connections.close_all()


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = start("recoup_sandbox.provider", tmp_path_factory.mktemp("provider"))
    yield program
    assert program.stop() == 0


@pytest.fixture
def market(house: Any, provider: Program) -> Market:
    return open_market(house, provider)
