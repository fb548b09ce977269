"""A running Recoup, asked over real HTTP by the client that its companies install."""

import itertools
import json
import uuid

import pytest
from recoup_client import Recoup, Retrying

from recoup.config.private_house import PrivateHouse
from tests.client.troubled_line import TroubledLine

#: Quick to try again: what is waited for is an answer, never a time.
QUICK = Retrying(retries=4, first_s=0.02, wait_s_max=2.0)
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def house():
    with PrivateHouse(programs=("provider", "town", "web"), load_demo=True) as house:
        yield house


@pytest.fixture(scope="session")
def demo(house):
    return json.loads(house.house.demo.read_text())


@pytest.fixture(scope="session")
def api_key(demo):
    return demo["api_keys"][0]["key"]


@pytest.fixture
def recoup(house, api_key):
    with Recoup(api_key=api_key, base_url=house.running.web_url, retrying=QUICK) as recoup:
        yield recoup


@pytest.fixture
def line(house):
    """A line to the web that breaks as a test says, one connection after another."""
    with TroubledLine(house.running.web_url) as line:
        yield line


@pytest.fixture
def recoup_by_line(line, api_key):
    with Recoup(api_key=api_key, base_url=line.url, retrying=QUICK, answer_s=10) as recoup:
        recoup.company()
        yield recoup


@pytest.fixture
def order(recoup):
    """An order that nobody else uses: twelve cups and a sofa."""
    return recoup.orders.put(told())


def told(**changes):
    number = f"CL-{uuid.uuid4().hex[:10]}-{next(_numbers)}"
    return {
        "number": number,
        "placed_at": "2026-01-05T09:30:00+08:00",
        "currency": "SGD",
        "country": "SG",
        "email": "mei.tan@example.com",
        "lines": [
            {"sku": "CUP", "title": "Tea cup", "quantity": 12, "unit_price_minor": 1250},
            {"sku": "SOFA", "title": "Sofa", "quantity": 1, "unit_price_minor": 90000},
        ],
        "payments": [{"charge_id": f"ch_{number}", "amount_minor": 105000}],
    } | changes
