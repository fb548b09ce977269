"""The way of a shop's money."""

import pytest

from tests.refunds.rail import Rail


@pytest.fixture
def rail(database, shop):
    """A rail that says what the test says."""
    return Rail(database, shop)
