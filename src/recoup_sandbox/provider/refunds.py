"""The life of a refund at the provider: what is refused, what moves money, what comes back.

Every function here runs inside one step of the store: the refund, the charge's counter, the account's balance, the
movement in the oracle and the events are one commit.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from recoup_sandbox.provider import charges, parameters
from recoup_sandbox.provider.accounts import Account, Accounts
from recoup_sandbox.provider.currencies import in_words
from recoup_sandbox.provider.errors import ProviderError, missing
from recoup_sandbox.provider.ids import new_id
from recoup_sandbox.provider.objects import card_destination
from recoup_sandbox.provider.objects import charge as charge_object
from recoup_sandbox.provider.parameters import Parameters
from recoup_sandbox.provider.store import Store
from recoup_sandbox.provider.webhooks import Cause, Delivery, Events

Refund = dict[str, Any]
Step = dict[str, Any]

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
CREATE_FIELDS = frozenset(
    "charge payment_intent amount reason metadata currency customer origin instructions_email "
    "refund_application_fee reverse_transfer expand".split()
)
SHORT_OF_FUNDS_PATIENCE_S = 5
ACTION_EXPIRES_S = 30 * 24 * 3600

#: Every move a refund can make at the provider. A failed or canceled refund is final; a succeeded one is not.
MOVES: dict[str, frozenset[str]] = {
    "requires_action": frozenset({"pending", "succeeded", "failed", "canceled"}),
    "pending": frozenset({"pending", "succeeded", "failed"}),
    "succeeded": frozenset({"failed"}),
    "failed": frozenset(),
    "canceled": frozenset(),
}


class MoveNotPossible(ValueError):
    """A refund in this state does not become that."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a refund needs at hand: the books, the accounts, the events."""

    store: Store
    accounts: Accounts
    events: Events


def create(
    desk: Desk, account: Account, values: Parameters, *, cause: Cause, becomes: list[Step] | None
) -> tuple[Refund, list[Delivery]]:
    """Refund a charge, wholly or partly. Raises ProviderError."""
    parameters.allow_only(values, CREATE_FIELDS)
    amount = parameters.positive(values, "amount")
    reason = parameters.one_of(values, "reason", REASONS)
    metadata = parameters.metadata(values)
    if bool(values.get("charge")) == bool(values.get("payment_intent")):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise ProviderError(message)
    charge = _refundable_charge(desk.store, account, values)
    amount = _amount_within_charge(charge, amount)
    steps = list(becomes or charges.refund_steps(charge["payment_method"]) or [{"status": "succeeded"}])
    steps = _steps_with_funds(desk.accounts, account, charge, amount, steps)
    if account.reference_after_s is not None and steps[-1].get("status") == "succeeded":
        steps.append({"after_s": account.reference_after_s, "reference": _reference()})
    refund = _new_refund(charge, amount, reason=reason, metadata=metadata, now=int(desk.store.now()))
    if values.get("instructions_email"):
        refund["instructions_email"] = values["instructions_email"]
    _enter(refund, steps[0], now=int(desk.store.now()))
    deliveries = _write_new(desk, account, refund, cause)
    _remember_steps(desk.store, refund["id"], steps[1:])
    return refund, deliveries


def move(desk: Desk, refund_id: str, step: Step, *, cause: Cause) -> tuple[Refund, list[Delivery]]:
    """Let a refund become something else. Raises LookupError, MoveNotPossible."""
    row = desk.store.one("SELECT account, body FROM refunds WHERE id = ?", refund_id)
    if row is None:
        raise LookupError(refund_id)
    refund: Refund = orjson.loads(row["body"])
    before = dict(refund)
    wanted = step.get("status", refund["status"])
    if "status" in step and wanted not in MOVES[refund["status"]]:
        raise MoveNotPossible(f"{refund_id} is {refund['status']} and cannot become {wanted}")
    _enter(refund, step, now=int(desk.store.now()))
    if _is_paid_out(refund) and refund["balance_transaction"] is None:
        _move_money(desk, row["account"], refund)
    if wanted in ("failed", "canceled"):
        _give_back(desk, row["account"], refund)
    _rewrite(desk.store, refund)
    changed = {name: before.get(name) for name in {**before, **refund} if refund.get(name) != before.get(name)}
    return refund, _announce_update(desk, row["account"], refund, changed, cause)


def cancel(desk: Desk, account: Account, refund_id: str, *, cause: Cause) -> tuple[Refund, list[Delivery]]:
    """Cancel a refund that waits for the shopper. Raises ProviderError."""
    refund = find(desk.store, account, refund_id)
    if refund is None:
        raise missing("refund", refund_id, is_saved=True)
    if refund["status"] != "requires_action":
        message = f"You can only cancel refunds with status requires_action. This refund is {refund['status']}."
        raise ProviderError(message, is_saved=True)
    return move(desk, refund_id, {"status": "canceled"}, cause=cause)


def update(
    desk: Desk, account: Account, refund_id: str, values: Parameters, *, cause: Cause
) -> tuple[Refund, list[Delivery]]:
    """Change a refund's metadata, all that may be changed; an empty value takes the key away. Raises ProviderError."""
    parameters.allow_only(values, frozenset({"metadata", "expand"}))
    metadata = parameters.metadata(values)
    refund = find(desk.store, account, refund_id)
    if refund is None:
        raise missing("refund", refund_id, is_saved=True)
    before = refund["metadata"]
    refund["metadata"] = {name: value for name, value in {**before, **metadata}.items() if value != ""}
    _rewrite(desk.store, refund)
    if refund["metadata"] == before:
        return refund, []
    return refund, _announce_update(desk, account.id, refund, {"metadata": before}, cause)


def pay_what_waited(desk: Desk, account: Account) -> list[Delivery]:
    """After money came in: pay the refunds that waited for it, oldest first, as far as it goes."""
    deliveries: list[Delivery] = []
    waiting = desk.store.all(
        "SELECT body FROM refunds WHERE account = ? AND pending_reason = 'insufficient_funds' ORDER BY seq", account.id
    )
    for row in waiting:
        refund = orjson.loads(row["body"])
        if desk.accounts.available(account.id, refund["currency"]) >= refund["amount"]:
            deliveries += move(desk, refund["id"], {"status": "succeeded"}, cause=Cause())[1]
    return deliveries


def find(store: Store, account: Account, refund_id: str) -> Refund | None:
    """A refund of this account, or None."""
    row = store.one("SELECT body FROM refunds WHERE id = ? AND account = ?", refund_id, account.id)
    return orjson.loads(row["body"]) if row else None


def _refundable_charge(store: Store, account: Account, values: Parameters) -> Any:
    """The charge's row. Raises ProviderError for one that is unknown, disputed or already given back."""
    kind = "charge" if values.get("charge") else "payment_intent"
    identity = parameters.required(values, kind)
    charge = charges.find(store, account.id, **{kind: identity})
    if charge is None:
        raise missing(kind, identity, param=kind, is_saved=True)
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise ProviderError(message, code="charge_disputed", is_saved=True)
    if charge["amount_refunded"] == charge["amount"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise ProviderError(message, code="charge_already_refunded", is_saved=True)
    return charge


def _amount_within_charge(charge: Any, amount: int | None) -> int:
    unrefunded = charge["amount"] - charge["amount_refunded"]
    if amount is None:
        return int(unrefunded)
    if amount > unrefunded:
        left = "unrefunded amount on charge" if charge["amount_refunded"] else "charge amount"
        said, limit = in_words(amount, charge["currency"]), in_words(unrefunded, charge["currency"])
        message = f"Refund amount ({said}) is greater than {left} ({limit})"
        raise ProviderError(message, param="amount", is_saved=True)
    return amount


def _steps_with_funds(accounts: Accounts, account: Account, charge: Any, amount: int, steps: list[Step]) -> list[Step]:
    """The steps as they are when the balance covers the amount; what the account does when short when it does not."""
    takes_money = steps[0].get("status") in ("succeeded", "pending")
    if not takes_money or account.when_short == "negative":
        return steps
    if accounts.available(account.id, charge["currency"]) >= amount:
        return steps
    if account.when_short == "error":
        message = "Insufficient funds in your Stripe balance to refund this amount."
        raise ProviderError(message, code="balance_insufficient", is_saved=True)
    waits: Step = {"status": "pending", "pending_reason": "insufficient_funds"}
    if account.when_short == "pending":
        return [waits]
    gives_up = {"after_s": SHORT_OF_FUNDS_PATIENCE_S, "status": "failed", "failure_reason": "insufficient_funds"}
    return [waits, gives_up]


def _new_refund(charge: Any, amount: int, *, reason: str | None, metadata: dict[str, str], now: int) -> Refund:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "destination_details": card_destination(reference=None),
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": _receipt_number() if charge["receipt_email"] else None,
        "source_transfer_reversal": None,
        "status": None,
        "transfer_reversal": None,
    }


def _enter(refund: Refund, step: Step, *, now: int) -> None:
    """Write a step's state into the refund, with the fields that belong to that state and without those that do not."""
    refund["status"] = status = step.get("status", refund["status"])
    for name in ("pending_reason", "next_action"):
        refund.pop(name, None)
    if status == "pending":
        refund["pending_reason"] = step.get("pending_reason", "processing")
    if status == "failed":
        refund["failure_reason"] = step.get("failure_reason", "unknown")
    if status == "requires_action":
        sent = {"email_sent_at": now, "email_sent_to": refund.get("instructions_email") or "shopper@example.com"}
        details = {"email_sent": sent, "expires_at": now + ACTION_EXPIRES_S}
        refund["next_action"] = {"type": "display_details", "display_details": details}
    if step.get("reference"):
        refund["destination_details"] = card_destination(reference=step["reference"])


def _is_paid_out(refund: Refund) -> bool:
    """Whether the provider has taken the money for it."""
    status, why = refund["status"], refund.get("pending_reason")
    return status == "succeeded" or (status == "pending" and why != "insufficient_funds")


def _write_new(desk: Desk, account: Account, refund: Refund, cause: Cause) -> list[Delivery]:
    if _is_paid_out(refund):
        _move_money(desk, account.id, refund)
    desk.store.run(
        "INSERT INTO refunds (id, account, charge, payment_intent, created, status, pending_reason, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        refund["id"], account.id, refund["charge"], refund["payment_intent"], refund["created"], refund["status"],
        refund.get("pending_reason"), orjson.dumps(refund),
    )  # fmt: skip
    deliveries = desk.events.record(account.id, "refund.created", refund, cause)
    if refund["status"] == "failed":
        return deliveries + desk.events.record(account.id, "refund.failed", refund, cause)
    charge = desk.store.one(
        "UPDATE charges SET amount_refunded = amount_refunded + ? WHERE id = ? RETURNING *",
        refund["amount"], refund["charge"],
    )  # fmt: skip
    assert charge is not None
    after = charge_object(charge)
    already = after["amount_refunded"] - refund["amount"]
    previous = {"amount_refunded": already} | ({"refunded": False} if after["refunded"] else {})
    return deliveries + desk.events.record(account.id, "charge.refunded", after, cause, previous=previous)


def _move_money(desk: Desk, account_id: str, refund: Refund) -> None:
    """The balance pays, and the oracle writes it down."""
    refund["balance_transaction"] = _book(desk, account_id, refund, "refund", -refund["amount"])
    _record_movement(desk.store, account_id, refund, "refund", refund["amount"])


def _give_back(desk: Desk, account_id: str, refund: Refund) -> None:
    """A refund came to nothing: the charge is refundable again, and money that had left is back."""
    desk.store.run(
        "UPDATE charges SET amount_refunded = amount_refunded - ? WHERE id = ?", refund["amount"], refund["charge"]
    )
    if refund["balance_transaction"] is not None:
        refund["failure_balance_transaction"] = _book(desk, account_id, refund, "refund_failure", refund["amount"])
        _record_movement(desk.store, account_id, refund, "refund_reversal", -refund["amount"])


def _book(desk: Desk, account_id: str, refund: Refund, kind: str, amount: int) -> str:
    identity = new_id("txn")
    desk.store.run(
        "INSERT INTO balance_transactions (id, account, type, source, amount, currency, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        identity, account_id, kind, refund["id"], amount, refund["currency"], int(desk.store.now()),
    )  # fmt: skip
    desk.accounts.add_funds(account_id, refund["currency"], amount)
    return identity


def _record_movement(store: Store, account_id: str, refund: Refund, kind: str, amount_minor: int) -> None:
    store.run(
        "INSERT INTO movements (at, account, charge, refund, amount_minor, currency, recoup_payout, kind) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        store.now(), account_id, refund["charge"], refund["id"], amount_minor, refund["currency"],
        refund["metadata"].get("recoup_payout"), kind,
    )  # fmt: skip


def _rewrite(store: Store, refund: Refund) -> None:
    store.run(
        "UPDATE refunds SET status = ?, pending_reason = ?, body = ? WHERE id = ?",
        refund["status"], refund.get("pending_reason"), orjson.dumps(refund), refund["id"],
    )  # fmt: skip


def _announce_update(
    desk: Desk, account_id: str, refund: Refund, changed: dict[str, Any], cause: Cause
) -> list[Delivery]:
    types = ["refund.updated", "charge.refund.updated"]
    if "status" in changed and refund["status"] == "failed":
        types.append("refund.failed")
    deliveries = []
    for event_type in types:
        deliveries += desk.events.record(account_id, event_type, refund, cause, previous=changed)
    return deliveries


def _remember_steps(store: Store, refund_id: str, steps: list[Step]) -> None:
    at = store.now()
    for step in steps:
        at += float(step.get("after_s", 0))
        store.run(
            "INSERT INTO steps_to_come (at, refund, step) VALUES (?, ?, ?)", at, refund_id, orjson.dumps(step).decode()
        )


def _reference() -> str:
    return str(int.from_bytes(new_id("arn").encode()[4:], "big") % 10**12).zfill(12)


def _receipt_number() -> str:
    number = _reference()
    return f"{number[:4]}-{number[4:8]}"
