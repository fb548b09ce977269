"""The orders of the proofs' company: plain ones of four mugs, large ones that a person decides about, and tight ones
whose charge pays for half their goods.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from recoup.config.replaying.company import Company
    from recoup.orders.documents import LineDocument, OrderDocument

PRICE_MINOR = 1250
SOFA_MINOR = 90_000
MUGS = 4
CUPS = 8
ORDERS_AT_ONCE = 2000


def mug_orders(company: Company, count: int) -> Iterator[OrderDocument]:
    """`P1`, `P2`, ...: four mugs each, so that the charge could pay for one of them four times."""
    from recoup.orders.documents import LineDocument

    lines = [LineDocument(sku="mug", title="A mug", quantity=MUGS, unit_price_minor=PRICE_MINOR)]
    for number in range(1, count + 1):
        yield _order(company, f"P{number}", lines, gone_minor=0)


def sofa_orders(company: Company, count: int) -> Iterator[OrderDocument]:
    """`S1`, `S2`, ...: one sofa each, too dear for the policy to decide alone."""
    from recoup.orders.documents import LineDocument

    lines = [LineDocument(sku="sofa", title="A sofa", quantity=1, unit_price_minor=SOFA_MINOR)]
    for number in range(1, count + 1):
        yield _order(company, f"S{number}", lines, gone_minor=0)


def tight_orders(company: Company, count: int) -> Iterator[OrderDocument]:
    """`R1`, `R2`, ...: eight cups of any price; half of what they cost went back before we knew the order.

    So requests for different cups take nothing from one another but the charge.
    """
    from recoup.orders.documents import LineDocument

    prices = random.Random(count)
    for number in range(1, count + 1):
        lines = [
            LineDocument(sku=f"cup-{cup}", title="A cup", quantity=1, unit_price_minor=prices.randint(500, 1500))
            for cup in range(1, CUPS + 1)
        ]
        yield _order(company, f"R{number}", lines, gone_minor=sum(line.unit_price_minor or 0 for line in lines) // 2)


def charge_whole(company: Company, orders: list[OrderDocument], *, provider_url: str) -> None:
    """The provider would give back all of these orders' charges: only we know that half of it is gone."""
    charges: list[dict[str, Any]] = [
        {"id": payment.charge_id, "amount": payment.amount_minor, "currency": order.currency.lower()}
        for order in orders
        for payment in order.payments
    ]
    body = {"account": company.account, "answer": "count", "charges": charges}
    requests.post(f"{provider_url}/_practice/charges", json=body, timeout=60).raise_for_status()


def take(company: Company, orders: list[OrderDocument]) -> None:
    """Recoup knows the orders."""
    from recoup.kernel import clock
    from recoup.orders import actions, freezing

    for start in range(0, len(orders), ORDERS_AT_ONCE):
        frozen = [freezing.freeze(each) for each in orders[start : start + ORDERS_AT_ONCE]]
        actions.take_copies(merchant_id=company.id, orders=frozen, source="proofs", at=clock.now(), is_bulk=True)


def _order(company: Company, number: str, lines: list[LineDocument], *, gone_minor: int) -> OrderDocument:
    from recoup.kernel import clock
    from recoup.orders.documents import OrderDocument, PaymentDocument

    at = clock.now()
    placed_at = at - timedelta(days=4)
    total_minor = sum((line.unit_price_minor or 0) * line.quantity for line in lines)
    return OrderDocument(
        number=number,
        placed_at=placed_at,
        shipped_at=placed_at + timedelta(days=1),
        delivered_at=placed_at + timedelta(days=2),
        status="delivered",
        currency="GBP",
        country="GB",
        email=f"shopper-{number.lower()}@example.com",
        shopper_name="A Shopper",
        lines=lines,
        payments=[
            PaymentDocument(
                charge_id=charge_of(company, number),
                amount_minor=total_minor,
                refunded_minor=gone_minor,
                label="Visa 4242",
            )
        ],
        total_paid_minor=total_minor,
        as_of=at,
    )


def charge_of(company: Company, number: str) -> str:
    """The provider's id of the charge that paid the order."""
    return f"ch_{company.slug}{number}"
