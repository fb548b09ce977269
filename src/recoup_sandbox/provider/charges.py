"""Payments that were taken: what there is to refund. Made singly through the API, or by the ten thousand for a demo."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import orjson

from recoup_sandbox.provider import currencies
from recoup_sandbox.provider.accounts import Accounts
from recoup_sandbox.provider.ids import new_id
from recoup_sandbox.provider.store import Store

#: Payment methods (or `tok_...` sources with the same ending) that decide what becomes of a refund, as Stripe's test
#: cards do; the last two are this practice world's own.
MAGIC_METHODS: dict[str, list[dict[str, Any]]] = {
    "pendingRefund": [{"status": "pending"}, {"after_s": 5, "status": "succeeded"}],
    "refundFail": [
        {"status": "succeeded"},
        {"after_s": 5, "status": "failed", "failure_reason": "expired_or_canceled_card"},
    ],
    "refundActionRequired": [{"status": "requires_action"}],
    "refundDeclined": [{"status": "failed", "failure_reason": "lost_or_stolen_card"}],
}
METHOD_DEFAULT = "pm_card_visa"
_COLUMNS = (
    "id, account, payment_intent, balance_transaction, amount, currency, created, payment_method, customer, "
    "description, receipt_email, metadata"
)
_INSERT = f"INSERT INTO charges ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
KNOWN_FIELDS = frozenset(
    "id payment_intent amount currency created payment_method customer description receipt_email metadata".split()
)


class ChargeRefused(ValueError):
    """The bulk endpoint was given something that cannot be a charge."""


def refund_steps(payment_method: str) -> list[dict[str, Any]] | None:
    """What the payment method says will become of a refund; None for an ordinary card."""
    return MAGIC_METHODS.get(payment_method.rpartition("_")[2])


def add(
    store: Store, accounts: Accounts, account_id: str, wanted: Iterable[dict[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """Inside a step: take these payments. Ids that exist with the same amount are left alone.

    Returns what stands in the books for each, in the given order, and how many are new. Raises ChargeRefused.
    """
    known: list[dict[str, Any]] = []
    rows: list[tuple[Any, ...]] = []
    income: dict[str, int] = {}
    for charge in wanted:
        amount, currency = _checked(charge)
        earlier = _existing(store, account_id, charge, amount, currency)
        if earlier is None:
            row = _row(store, account_id, charge, amount, currency)
            rows.append(row)
            income[currency] = income.get(currency, 0) + amount
            earlier = {"id": row[0], "payment_intent": row[2]}
        known.append({**earlier, "amount": amount, "currency": currency})
    try:
        store.run_many(_INSERT, rows)
    except sqlite3.IntegrityError as error:
        raise ChargeRefused(f"an id or payment_intent was given twice: {error}") from None
    store.run_many(
        "INSERT INTO balance_transactions (id, account, type, source, amount, currency, created) "
        "VALUES (?, ?, 'charge', ?, ?, ?, ?)",
        ((row[3], account_id, row[0], row[4], row[5], row[6]) for row in rows),
    )
    for currency, amount in income.items():
        accounts.add_funds(account_id, currency, amount)
    return known, len(rows)


def find(store: Store, account_id: str, *, charge: str | None = None, payment_intent: str | None = None) -> Any:
    """The row of a charge of this account by its id or its payment intent, or None."""
    column, value = ("id", charge) if charge else ("payment_intent", payment_intent)
    row = store.one(f"SELECT * FROM charges WHERE {column} = ?", value)
    return row if row is not None and row["account"] == account_id else None


def _checked(charge: dict[str, Any]) -> tuple[int, str]:
    unknown = set(charge) - KNOWN_FIELDS
    if unknown:
        raise ChargeRefused(f"unknown: {', '.join(sorted(unknown))}; a charge has {', '.join(sorted(KNOWN_FIELDS))}")
    amount, currency = charge.get("amount"), str(charge.get("currency", "")).lower()
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
        raise ChargeRefused(f"amount is a positive integer in minor units, not {amount!r}")
    if not currencies.is_known(currency) or not currencies.is_payable(amount, currency):
        raise ChargeRefused(f"{amount} {currency!r} cannot be paid at this provider")
    return amount, currency


def _existing(
    store: Store, account_id: str, charge: dict[str, Any], amount: int, currency: str
) -> dict[str, Any] | None:
    if not charge.get("id"):
        return None
    row = store.one("SELECT id, account, payment_intent, amount, currency FROM charges WHERE id = ?", charge["id"])
    if row is None:
        return None
    if (row["account"], row["amount"], row["currency"]) != (account_id, amount, currency):
        raise ChargeRefused(f"{charge['id']} exists with another account, amount or currency")
    return {"id": row["id"], "payment_intent": row["payment_intent"]}


def _row(store: Store, account_id: str, charge: dict[str, Any], amount: int, currency: str) -> tuple[Any, ...]:
    return (
        charge.get("id") or new_id("ch"),
        account_id,
        charge.get("payment_intent") or new_id("pi"),
        new_id("txn"),
        amount,
        currency,
        int(charge.get("created") or store.now()),
        charge.get("payment_method") or METHOD_DEFAULT,
        charge.get("customer"),
        charge.get("description"),
        charge.get("receipt_email"),
        orjson.dumps(charge.get("metadata") or {}).decode(),
    )
