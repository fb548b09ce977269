"""A company with as many orders as a measure needs: two lines each, paid by a charge that the provider holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from recoup.config.private_house import PrivateHouse

if TYPE_CHECKING:
    from recoup.config.replaying.company import Company
    from recoup.orders.documents import OrderDocument

ORDERS_AT_ONCE = 2000


def enter(house: PrivateHouse) -> None:
    """This process may call the product's actions, as its operator's command line does."""
    os.environ.update(house.environment("cli"), DJANGO_SETTINGS_MODULE="recoup.config.settings")
    import django

    django.setup()


def stock(house: PrivateHouse, *, orders: int, list_minor: int = 1250, prefix: str = "B") -> Company:
    """The company has that many orders, numbered `B1`, `B2`, ...; a line costs `list_minor`. Gives the company."""
    from recoup.config.replaying import company as companies
    from recoup.kernel import clock
    from recoup.orders import actions, freezing

    company = companies.ensure(
        slug="bench", name="Bench", policy=None, provider_url=house.running.provider_url, webhooks_to=None
    )
    at = clock.now()
    for start in range(0, orders, ORDERS_AT_ONCE):
        numbers = range(start + 1, min(orders, start + ORDERS_AT_ONCE) + 1)
        frozen = [freezing.freeze(each) for each in _documents(numbers, prefix=prefix, list_minor=list_minor, at=at)]
        actions.take_copies(merchant_id=company.id, orders=frozen, source="bench", at=at, is_bulk=True)
    companies.charge_all(company, provider_url=house.running.provider_url)
    # A shop has had its orders for days; without this the measure would pay for tidying up after our bulk load.
    with house.superuser() as connection:
        connection.execute("VACUUM (ANALYZE)")
    return company


def _documents(numbers: range, *, prefix: str, list_minor: int, at: datetime) -> Iterator[OrderDocument]:
    from recoup.orders.documents import LineDocument, OrderDocument, PaymentDocument

    placed_at = at - timedelta(days=4)
    for number in numbers:
        lines = [
            LineDocument(sku=f"sku-{number % 500}", title="A mug", quantity=1, unit_price_minor=list_minor),
            LineDocument(sku=f"sku-{number % 500 + 500}", title="A bowl", quantity=1, unit_price_minor=list_minor),
        ]
        payment = PaymentDocument(charge_id=f"ch_{prefix}{number}", amount_minor=2 * list_minor, label="Visa 4242")
        yield OrderDocument(
            number=f"{prefix}{number}",
            placed_at=placed_at,
            shipped_at=placed_at + timedelta(days=1),
            delivered_at=placed_at + timedelta(days=2),
            status="delivered",
            currency="GBP",
            country="GB",
            email=f"shopper-{prefix}{number}@example.com".lower(),
            shopper_name="A Shopper",
            lines=lines,
            payments=[payment],
            total_paid_minor=2 * list_minor,
            as_of=at,
        )
