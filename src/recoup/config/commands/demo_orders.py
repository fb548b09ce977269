"""The demo companies' orders: as order documents, as charges at the practice provider, as the town's own books."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

import requests

from recoup.kernel.money import text_from_minor
from recoup.orders.documents import LineDocument, OrderDocument, PaymentDocument


def documents(company: dict[str, Any], *, at: datetime) -> list[OrderDocument]:
    """The orders that Recoup knows from the start; `days_ago` counts back from the day of loading."""
    return [_document(row, company, at=at) for row in company["orders"]]


def _document(row: dict[str, Any], company: dict[str, Any], *, at: datetime) -> OrderDocument:
    lines = [LineDocument(**{**line, "flags": tuple(line.get("flags", ()))}) for line in row["lines"]]
    total = _total(row)
    placed_at = at - timedelta(days=row["days_ago"])
    delivered = row.get("status", "delivered") == "delivered"
    return OrderDocument(
        number=row["number"],
        placed_at=placed_at,
        currency=company["currency"],
        country=company["country"],
        email=row["email"],
        shopper_name=row["name"],
        status=row.get("status", "delivered"),
        shipped_at=placed_at + timedelta(days=1) if delivered else None,
        delivered_at=placed_at + timedelta(days=2) if delivered else None,
        lines=lines,
        order_discount_minor=row.get("order_discount_minor", 0),
        shipping_minor=row.get("shipping_minor", 0),
        payments=[
            PaymentDocument(charge_id=f"ch_{row['number']}", amount_minor=total, method="card", label=row["card"])
        ],
        total_paid_minor=total,
        as_of=at,
    )


def _total(row: dict[str, Any]) -> int:
    goods = sum(line["unit_price_minor"] * line["quantity"] for line in row["lines"])
    return int(goods + row.get("shipping_minor", 0) + row.get("order_discount_minor", 0))


def charge_all(slug: str, orders: list[OrderDocument]) -> None:
    """The practice provider holds the charge of every order afterwards; what is there already stays."""
    charges: list[dict[str, Any]] = [
        {"id": payment.charge_id, "amount": payment.amount_minor, "currency": order.currency.lower()}
        for order in orders
        for payment in order.payments
    ]
    account = f"acct_{slug.replace('-', '_')}"
    answer = requests.post(
        f"{os.environ['RECOUP_PROVIDER_URL']}/_practice/charges",
        json={"account": account, "answer": "count", "charges": charges},
        timeout=30,
    )
    answer.raise_for_status()


def fill_town(company: dict[str, Any], *, at: datetime) -> None:
    """Orders that only the company's own system knows: Recoup asks for them while the shopper waits."""
    town, slug = os.environ["RECOUP_TOWN_URL"], company["slug"]
    rows = company["town_orders"]
    charge_all(slug, [_document(row, company, at=at) for row in rows])
    orders = [_town_order(row, company, at=at) for row in rows]
    requests.post(
        f"{town}/_practice/orders",
        json={"shops": [{"name": slug, "api_key": f"town-{slug}", "orders": orders}]},
        timeout=10,
    ).raise_for_status()


def _town_order(row: dict[str, Any], company: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    currency = company["currency"]

    def decimal(amount_minor: int) -> str:
        return text_from_minor(amount_minor, currency)

    placed_at = at - timedelta(days=row["days_ago"])
    goods = sum(line["unit_price_minor"] * line["quantity"] for line in row["lines"])
    shipping = row.get("shipping_minor", 0)
    return {
        "orderNumber": row["number"],
        "placedAt": placed_at.isoformat(),
        "updatedAt": at.isoformat(),
        "state": "delivered",
        "buyer": {"fullName": row["name"], "email": row["email"], "phone": "", "countryCode": company["country"]},
        "currencyCode": currency,
        "basket": [
            {
                "lineRef": str(position),
                "sku": line["sku"],
                "title": line["title"],
                "category": line["category"],
                "quantity": line["quantity"],
                "price": {"unit": decimal(line["unit_price_minor"]), "discount": "0.00"},
                "finalSale": False,
            }
            for position, line in enumerate(row["lines"], 1)
        ],
        "delivery": {
            "method": "standard",
            "price": decimal(shipping),
            "shippedAt": (placed_at + timedelta(days=1)).isoformat(),
            "deliveredAt": (placed_at + timedelta(days=2)).isoformat(),
        },
        "orderDiscount": None,
        "totals": {
            "goods": decimal(goods),
            "delivery": decimal(shipping),
            "discount": "0.00",
            "paid": decimal(goods + shipping),
        },
        "payments": [
            {
                "kind": "card",
                "gateway": "stripe",
                "account": f"acct_{company['slug'].replace('-', '_')}",
                "chargeId": f"ch_{row['number']}",
                "amount": decimal(goods + shipping),
                "capturedAt": placed_at.isoformat(),
                "label": row["card"],
            }
        ],
    }
