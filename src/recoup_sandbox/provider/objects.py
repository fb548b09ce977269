"""The provider's objects in the shape its API publishes. Only rendering: nothing here decides or stores."""

import sqlite3
from typing import Any

import orjson

#: The version of the API whose shapes these are; the official client of requirements/test.lock speaks it.
API_VERSION = "2026-10-28.endive"
DUE_BY_S = 7 * 24 * 3600


def charge(row: sqlite3.Row) -> dict[str, Any]:
    """A captured payment."""
    is_refunded = row["amount_refunded"] == row["amount"]
    return {
        "id": row["id"],
        "object": "charge",
        "amount": row["amount"],
        "amount_captured": row["amount"],
        "amount_refunded": row["amount_refunded"],
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": row["balance_transaction"],
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": "PRACTICE",
        "captured": True,
        "created": row["created"],
        "currency": row["currency"],
        "customer": row["customer"],
        "description": row["description"],
        "disputed": bool(row["disputed"]),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": orjson.loads(row["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(),
        "paid": True,
        "payment_intent": row["payment_intent"],
        "payment_method": row["payment_method"],
        "payment_method_details": {"type": "card", "card": _card()},
        "receipt_email": row["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": is_refunded,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def payment_intent(row: sqlite3.Row) -> dict[str, Any]:
    """The payment intent of a captured charge."""
    return {
        "id": row["payment_intent"],
        "object": "payment_intent",
        "amount": row["amount"],
        "amount_capturable": 0,
        "amount_received": row["amount"],
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": None,
        "confirmation_method": "automatic",
        "created": row["created"],
        "currency": row["currency"],
        "customer": row["customer"],
        "description": row["description"],
        "last_payment_error": None,
        "latest_charge": row["id"],
        "livemode": False,
        "metadata": orjson.loads(row["metadata"]),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": row["payment_method"],
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": row["receipt_email"],
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def card_destination(*, reference: str | None) -> dict[str, Any]:
    """Where a card refund goes; the bank's reference is known only some time after the refund was made."""
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    if reference:
        card = {"reference": reference, **card, "reference_status": "available"}
    return {"card": card, "type": "card"}


def balance_transaction(row: sqlite3.Row) -> dict[str, Any]:
    """One line of the account's balance. This world charges no fees."""
    return {
        "id": row["id"],
        "object": "balance_transaction",
        "amount": row["amount"],
        "available_on": row["created"],
        "balance_type": "payments",
        "created": row["created"],
        "currency": row["currency"],
        "description": None,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": row["amount"],
        "reporting_category": row["type"],
        "source": row["source"],
        "status": "available",
        "type": row["type"],
    }


def balance(rows: list[sqlite3.Row]) -> dict[str, Any]:
    """What the account has, per currency."""
    available = [
        {"amount": row["available"], "currency": row["currency"], "source_types": {"card": row["available"]}}
        for row in rows
    ]
    pending = [{"amount": 0, "currency": row["currency"], "source_types": {"card": 0}} for row in rows]
    return {"object": "balance", "available": available, "livemode": False, "pending": pending}


def dispute(identity: str, charge_row: sqlite3.Row, *, amount: int, reason: str, created: int) -> dict[str, Any]:
    """A chargeback that waits for the merchant's answer."""
    return {
        "id": identity,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge_row["id"],
        "created": created,
        "currency": charge_row["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": created + DUE_BY_S,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge_row["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }


def webhook_endpoint(row: sqlite3.Row, *, with_secret: bool = False) -> dict[str, Any]:
    """An address for events; its secret is shown once, at creation."""
    endpoint = {
        "id": row["id"],
        "object": "webhook_endpoint",
        "api_version": row["api_version"],
        "application": None,
        "created": row["created"],
        "description": row["description"],
        "enabled_events": orjson.loads(row["enabled_events"]),
        "livemode": False,
        "metadata": orjson.loads(row["metadata"]),
        "status": row["status"],
        "url": row["url"],
    }
    return endpoint | {"secret": row["secret"]} if with_secret else endpoint


def page(url: str, data: list[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """A list as the API wraps it."""
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def _outcome() -> dict[str, Any]:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 1,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _card() -> dict[str, Any]:
    return {
        "amount_authorized": None,
        "authorization_code": None,
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": "SG",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": None,
        "funding": "credit",
        "installments": None,
        "last4": "4242",
        "mandate": None,
        "network": "visa",
        "three_d_secure": None,
        "wallet": None,
    }
