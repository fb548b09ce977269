"""The way of a shop's money."""

from datetime import timedelta

import pytest

from tests.refunds.asking import hire
from tests.refunds.rail import Rail


@pytest.fixture
def rail(database, shop):
    """A rail that says what the test says."""
    return Rail(database, shop)


@pytest.fixture
def limits(shop):
    """The company sets its limits, long enough ago that they count."""
    from recoup.merchants import actions, queries

    def say(*, at=shop.now - timedelta(days=3), **told):
        actions.set_approval_limits(merchant_id=shop.id, limits=queries.Limits(**told), by="person:boss", at=at)

    return say


@pytest.fixture
def team(shop):
    """Two reviewers and a manager."""
    return {"ines": hire(shop, "ines"), "jonas": hire(shop, "jonas"), "mara": hire(shop, "mara", role="manager")}


@pytest.fixture
def key(shop):
    """Makes keys that may decide, with a limit of their own."""
    from recoup.access import actions

    def make(limit=None, scopes=("refunds:review",)):
        key_id, _ = actions.create_key(
            merchant_id=shop.id, label="till", scopes=scopes, by="test", at=shop.now, approve_limit_minor=limit
        )
        return f"key:{key_id}"

    return make
