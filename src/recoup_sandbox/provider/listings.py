"""Lists and look-ups in the provider's way: newest first, pages by `starting_after` and `ending_before`."""

import sqlite3
from collections.abc import Callable
from typing import Any

import orjson

from recoup_sandbox.provider import objects, parameters
from recoup_sandbox.provider.accounts import Account
from recoup_sandbox.provider.errors import ProviderError, missing
from recoup_sandbox.provider.parameters import Parameters
from recoup_sandbox.provider.store import Store

PAGING = frozenset({"limit", "starting_after", "ending_before", "created", "expand"})
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def stored(row: sqlite3.Row) -> dict[str, Any]:
    """The object of a row that keeps it whole."""
    value: dict[str, Any] = orjson.loads(row["body"])
    return value


#: table -> (the word for a missing one, how a row is shown, columns that may be filtered by)
KINDS: dict[str, tuple[str, Callable[[sqlite3.Row], dict[str, Any]], frozenset[str]]] = {
    "refunds": ("refund", stored, frozenset({"charge", "payment_intent"})),
    "charges": ("charge", objects.charge, frozenset({"payment_intent", "customer"})),
    "balance_transactions": (
        "balance transaction",
        objects.balance_transaction,
        frozenset({"type", "source", "currency"}),
    ),
    "events": ("event", stored, frozenset({"type"})),
    "endpoints": ("webhook endpoint", objects.webhook_endpoint, frozenset()),
}


def page(store: Store, account: Account, table: str, values: Parameters, *, url: str) -> dict[str, Any]:
    """One page of the account's objects. Raises ProviderError."""
    _, show, filters = KINDS[table]
    parameters.allow_only(values, PAGING | filters | ({"types"} if table == "events" else frozenset()))
    where, given = ["account = ?"], [account.id]
    for name in filters & values.keys():
        where.append(f"{name} = ?")
        given.append(values[name])
    if "types" in values:
        names = list(values["types"].values())
        where.append(f"type IN ({', '.join('?' * len(names))})")
        given += names
    _created_between(values.get("created"), where, given)
    order = _continue(store, account, table, values, (where, given))
    limit = parameters.page_size(values)
    rows = store.all(
        f"SELECT * FROM {table} WHERE {' AND '.join(where)} ORDER BY seq {order} LIMIT ?", *given, limit + 1
    )
    shown = rows[:limit] if order == "DESC" else rows[:limit][::-1]
    return objects.page(url, [show(row) for row in shown], has_more=len(rows) > limit)


def one(store: Store, account: Account, table: str, identity: str) -> dict[str, Any]:
    """One object of the account. Raises ProviderError 404."""
    word, show, _ = KINDS[table]
    row = store.one(f"SELECT * FROM {table} WHERE id = ? AND account = ?", identity, account.id)
    if row is None:
        raise missing(word, identity)
    return show(row)


def check_expansions(route: str, values: Parameters) -> None:
    """Refuse what cannot be expanded before anything executes. Raises ProviderError."""
    for name in parameters.expansions(values):
        if name not in _EXPANDABLE_OF.get(route.partition(".")[0], ()):
            raise ProviderError(f"This property cannot be expanded ({name}).", param="expand")


def expand(store: Store, account: Account, value: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """Replace ids by the objects they name."""
    for name in wanted:
        if name == "refunds":
            url = f"/v1/charges/{value['id']}/refunds"
            value["refunds"] = page(store, account, "refunds", {"charge": value["id"]}, url=url)
        elif name == "payment_intent":
            row = store.one("SELECT * FROM charges WHERE payment_intent = ?", value[name])
            value[name] = objects.payment_intent(row) if row else value[name]
        elif value.get(name):
            value[name] = one(store, account, _TABLE_OF[name], value[name])
    return value


_TABLE_OF = {
    "charge": "charges",
    "latest_charge": "charges",
    "balance_transaction": "balance_transactions",
    "failure_balance_transaction": "balance_transactions",
}
_EXPANDABLE_OF = {
    "refunds": ("charge", "payment_intent", "balance_transaction", "failure_balance_transaction"),
    "charges": ("refunds", "payment_intent", "balance_transaction"),
    "payment_intents": ("latest_charge",),
}


def _created_between(created: Any, where: list[str], given: list[Any]) -> None:
    bounds = created if isinstance(created, dict) else {} if created is None else {"gte": created, "lte": created}
    for name in bounds:
        if name not in _COMPARISONS:
            raise ProviderError(f"Invalid created[{name}]", param="created")
        where.append(f"created {_COMPARISONS[name]} ?")
        given.append(parameters.integer(bounds, name))


def _continue(
    store: Store, account: Account, table: str, values: Parameters, condition: tuple[list[str], list[Any]]
) -> str:
    """Continue behind (or ahead of) the object the caller names; returns the order to read in."""
    if "starting_after" in values and "ending_before" in values:
        raise ProviderError("Use either starting_after or ending_before, not both.")
    where, given = condition
    for name, sign, order in (("starting_after", "<", "DESC"), ("ending_before", ">", "ASC")):
        if name not in values:
            continue
        row = store.one(f"SELECT seq FROM {table} WHERE id = ? AND account = ?", values[name], account.id)
        if row is None:
            raise missing(KINDS[table][0], values[name], param=name)
        where.append(f"seq {sign} ?")
        given.append(row["seq"])
        return order
    return "DESC"
