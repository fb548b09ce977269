"""The practice town as a company's own order system."""

from pathlib import Path

from tests.orders.counters import Counter
from tests.sandbox.test_town_orders import an_order

merchants = Counter("recoup.merchants.actions")
MAPPING = Path(__file__).resolve().parents[2] / "examples" / "mappings" / "town.json"


def connect(shop, url, mapping, *, key="key", timeout_s=2):
    """The company's orders can be asked for at that address."""
    merchants.connect_orders(
        merchant_id=shop.id, url=url, key=key, mapping=mapping, timeout_s=timeout_s, by="test", at=shop.now
    )


def tell_town(town, shop, number="A-1", **changes):
    """The company's own system has that order."""
    told = an_order(number, **changes)
    told["payments"][0]["chargeId"] = f"ch_{shop.slug}_{number}"
    town.call("POST", "/orders", told, {"X-Api-Key": f"key-{shop.slug}"})
