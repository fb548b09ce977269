"""The API's callers."""

import pytest

from tests.api.callers import Caller


@pytest.fixture
def caller(shop):
    """A server of the shop that may do everything."""
    return Caller(shop)
