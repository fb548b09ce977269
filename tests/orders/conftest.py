"""A company whose orders stand in the practice town."""

import json

import pytest

from tests.orders.town import MAPPING, connect
from tests.sandbox.programs import start


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The practice town, running."""
    program = start("recoup_sandbox.town", tmp_path_factory.mktemp("town"))
    yield program
    program.stop()


@pytest.fixture
def town_shop(shop, town):
    """A company whose orders stand in the practice town."""
    town.post("/_practice/shops", {"name": shop.slug, "api_key": f"key-{shop.slug}"})
    connect(shop, f"{town.url}/orders/{{number}}", json.loads(MAPPING.read_text()), key=f"key-{shop.slug}")
    return shop
