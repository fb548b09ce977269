"""Asking the merchant's own system for an order: when we do not know it, or our copy is not fresh any more.

The brief's risk is that the copy is behind; so every answer says which of four things happened, and silence is one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.db import connection
from pydantic import ValidationError

from recoup.access import sealing
from recoup.kernel.errors import Refusal
from recoup.orders import freezing, queries
from recoup.orders.documents import OrderDocument
from recoup.orders.gateways import fetching
from recoup.orders.mapping.trees import TreeMapping, walk
from recoup.orders.mapping.values import Unreadable
from recoup.orders.queries import ConnectorView
from recoup.orders.refusals import OrderUnknown

#: What a system is asked like when its mapping does not say otherwise.
REQUEST = {
    "order": "/orders/{number}",
    "orders_of_shopper": "/orders?email={email}",
    "key_header": "X-Api-Key",
    "key_prefix": "",
    "document": "",
    "documents": "",
}
SOURCE = "connector"


@dataclass(frozen=True, slots=True)
class Found:
    """The system told us the order; its sums agree. Store it with `actions.take_copy`."""

    document: OrderDocument
    source: str = SOURCE


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Our copy is still what the system has. Say so with `actions.confirm_copy`."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """The system answered that there is no such order."""


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer that can be used: nobody configured a system, it was down, slow, or spoke in riddles.

    `is_worth_asking_again`: it may be better in a moment. `reason` is for staff.
    """

    reason: str
    is_worth_asking_again: bool


Answer = Found | Unchanged | NotFound | Silent


def ask(*, merchant_id: UUID, number: str) -> Answer:
    """What the merchant's own system says about the order of that number, within its agreed time."""
    _refuse_in_transaction()
    connector = queries.connector(merchant_id=merchant_id)
    if connector is None:
        return Silent("no connector is configured", is_worth_asking_again=False)
    form = _form(connector)
    path = form["order"].replace("{number}", quote(number, safe=""))
    url = connector.url.replace("{number}", quote(number, safe="")) if "{number}" in connector.url else None
    tag = _tag_of_ours(merchant_id, number)
    try:
        reply = _fetch(connector, form, url or connector.url.rstrip("/") + path, tag)
        if reply.status == 304:
            return Unchanged()
        if reply.status in (404, 410):
            return NotFound()
        document = _document(connector.mapping, _tree(reply, form["document"]))
    except _Riddle as riddle:
        return Silent(str(riddle), is_worth_asking_again=riddle.may_pass)
    if document.number != number:
        return Silent(f"it answered with another order, {document.number!r}", is_worth_asking_again=False)
    document.source_tag = reply.tag
    return Found(document)


def ask_for_shopper(*, merchant_id: UUID, email: str) -> list[OrderDocument] | Silent:
    """The orders that the merchant's own system has under that e-mail address, as many as it tells on one page."""
    _refuse_in_transaction()
    connector = queries.connector(merchant_id=merchant_id)
    if connector is None:
        return Silent("no connector is configured", is_worth_asking_again=False)
    form = _form(connector)
    parts = urlsplit(connector.url)
    base = f"{parts.scheme}://{parts.netloc}" if "{number}" in connector.url else connector.url.rstrip("/")
    try:
        reply = _fetch(connector, form, base + form["orders_of_shopper"].replace("{email}", quote(email, safe="")), "")
        if reply.status in (404, 410):
            return []
        trees = _tree(reply, form["documents"])
        if not isinstance(trees, list):
            raise _Riddle("it answered with no list of orders", may_pass=False)
        return [_document(connector.mapping, tree) for tree in trees]
    except _Riddle as riddle:
        return Silent(str(riddle), is_worth_asking_again=riddle.may_pass)


class _Riddle(Exception):
    def __init__(self, reason: str, *, may_pass: bool) -> None:
        super().__init__(reason)
        self.may_pass = may_pass


def _refuse_in_transaction() -> None:
    if connection.in_atomic_block:
        raise RuntimeError("the merchant's system is never asked with a transaction open")


def _form(connector: ConnectorView) -> dict[str, str]:
    return {**REQUEST, **connector.mapping.get("request", {})}


def _tag_of_ours(merchant_id: UUID, number: str) -> str:
    try:
        return queries.order_with_lines(merchant_id=merchant_id, number=number).source_tag
    except OrderUnknown:
        return ""


def _fetch(connector: ConnectorView, form: Mapping[str, str], url: str, tag: str) -> fetching.Reply:
    headers = {
        "Accept": "application/json",
        form["key_header"]: form["key_prefix"] + sealing.open_ours(connector.key_sealed),
    }
    if tag:
        headers["If-None-Match"] = tag
    host = urlsplit(connector.url).hostname or ""
    try:
        reply = fetching.fetch(url, host=host, headers=headers, timeout_s=connector.timeout_s)
    except fetching.NoAnswer as problem:
        raise _Riddle(str(problem), may_pass=True) from problem
    if reply.status not in (200, 304, 404, 410):
        raise _Riddle(f"it answered with status {reply.status}", may_pass=reply.status >= 500 or reply.status == 429)
    return reply


def _tree(reply: fetching.Reply, path: str) -> Any:
    try:
        return walk(json.loads(reply.body, parse_float=Decimal), path)
    except (ValueError, RecursionError) as problem:
        raise _Riddle("it answered with something that is not JSON", may_pass=True) from problem


def _document(mapping: Mapping[str, Any], tree: Any) -> OrderDocument:
    """The order, its sums checked. An empty mapping means that the system speaks our own form."""
    from recoup.orders.api import OrderIn

    try:
        if "order" in mapping:
            document = TreeMapping(mapping).document_of(tree)
        else:
            document = OrderIn.model_validate(tree).document()
        freezing.freeze(document)
    except (Unreadable, Refusal, ValidationError) as problem:
        raise _Riddle(f"it answered with what is no order: {problem}", may_pass=False) from problem
    return document
