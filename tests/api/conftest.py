"""The API's callers."""

import pytest

from tests.api.callers import Caller


@pytest.fixture
def caller(shop):
    """A server of the shop that may do everything."""
    return Caller(shop)


@pytest.fixture
def case_id(shop, caller):
    """Somebody's refund."""
    return caller.ask(shop.order(("sofa", 1, 90_000))).json()["id"]


@pytest.fixture
def token(caller, case_id):
    """What the shop gave that shopper."""
    answer = caller.post(f"/refunds/{case_id}/guest-token")
    assert answer.status_code == 201, answer.content
    return answer.json()["token"]
