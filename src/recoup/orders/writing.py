"""The statements that store and change copies of orders. `transactional.copy_orders` decides what each copy is.

An order, its lines and its captures are one fact, so one writer writes all three; `payments_capture` is named by its
table here because the payments context stands above this one and imports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from recoup.kernel import ids
from recoup.kernel.errors import Refusal
from recoup.orders import staging
from recoup.orders.freezing import FrozenCapture, FrozenOrder
from recoup.orders.refusals import ChargeTaken, NoRailAccount
from recoup.orders.states import CopyOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What became of one order document."""

    number: str
    outcome: CopyOutcome
    order_id: UUID | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An order that we have already. `is_frozen`: a capture or a claim holds its money facts."""

    id: UUID
    facts_hash: str
    content_hash: str
    as_of: datetime
    is_frozen: bool


class Change(NamedTuple):
    """A copy that is at odds with ours, and its place in the delivery."""

    place: int
    order: FrozenOrder
    order_id: UUID
    outcome: CopyOutcome


def refused(order: FrozenOrder, refusal: Refusal) -> Copied:
    """The answer for an order that cannot be stored."""
    return Copied(number=order.document.number, outcome=CopyOutcome.REFUSED, refusal=refusal)


_CHARGES_TAKEN = """
SELECT c.rail_account_id, c.provider_charge_id
  FROM payments_capture c
  JOIN unnest(%s::uuid[], %s::text[]) AS told (rail_account_id, provider_charge_id)
    USING (rail_account_id, provider_charge_id)
"""

_UPDATE_PARTICULARS = """
UPDATE orders_order o SET
    email = n.email, phone = n.phone, shopper_name = n.shopper_name, customer_ref = n.customer_ref, country = n.country,
    status = n.status, channel = n.channel, shipped_at = n.shipped_at, delivered_at = n.delivered_at,
    tax_percent_thousandths = n.tax_percent_thousandths, attributes = n.attributes, content_hash = n.content_hash,
    source = n.source, source_tag = n.source_tag, as_of = n.as_of
  FROM json_to_recordset(%s::json) AS n (
    id uuid, email text, phone text, shopper_name text, customer_ref text, country text, status text, channel text,
    shipped_at timestamptz, delivered_at timestamptz, tax_percent_thousandths integer, attributes jsonb,
    content_hash text, source text, source_tag text, as_of timestamptz)
 WHERE o.id = n.id AND o.as_of <= n.as_of
"""

_NOTE_DIFFERENCE = """
UPDATE orders_order o SET differences = o.differences || jsonb_build_array(n.difference)
  FROM json_to_recordset(%s::json) AS n (id uuid, difference jsonb)
 WHERE o.id = n.id
"""

_UPDATE_TITLES = """
UPDATE orders_orderline l SET title = n.title, image_url = n.image_url
  FROM json_to_recordset(%s::json) AS n (order_id uuid, position integer, title text, image_url text)
 WHERE l.order_id = n.order_id AND l.position = n.position AND (l.title, l.image_url) <> (n.title, n.image_url)
"""

_UPDATE_FACTS = """
UPDATE orders_order o SET
    placed_at = n.placed_at, currency = n.currency, paid_minor = n.paid_minor, shipping_minor = n.shipping_minor,
    shipping_tax_minor = n.shipping_tax_minor, facts_hash = n.facts_hash
  FROM json_to_recordset(%s::json) AS n (
    id uuid, placed_at timestamptz, currency text, paid_minor bigint, shipping_minor bigint, shipping_tax_minor bigint,
    facts_hash text)
 WHERE o.id = n.id
"""


class Writer:
    """The statements of one batch, all of one merchant and source."""

    def __init__(
        self,
        *,
        merchant_id: UUID,
        source: str,
        at: datetime,
        accounts: dict[str | None, UUID],
        is_bulk: bool,
        is_dry: bool,
    ) -> None:
        self._merchant_id = merchant_id
        self._source = source
        self._at = at
        self._accounts = accounts
        self._is_bulk = is_bulk
        self._is_dry = is_dry

    def add(self, new: Sequence[tuple[int, FrozenOrder]]) -> dict[int, Copied]:
        """Rows for orders that we do not have. No answer for those that somebody else stored a moment ago."""
        answers = {
            place: refused(order, refusal)
            for place, order in new
            if (refusal := self._money_refused(order)) is not None
        }
        taken = self._charges_taken([order for place, order in new if place not in answers])
        rows = staging.Rows(self._merchant_id)
        for place, order in new:
            if place in answers:
                continue
            charges = [self._charge(capture) for capture in order.captures]
            if taken.intersection(charges):
                answers[place] = refused(order, ChargeTaken(order.document.number))
                continue
            taken.update(charges)
            order_id = ids.uuid7()
            rows.orders.append(self._order_row(order_id, order))
            self._lines_and_captures(rows, order_id, order)
            answers[place] = Copied(number=order.document.number, outcome=CopyOutcome.NEW, order_id=order_id)
        overtaken = staging.write(rows, is_bulk=self._is_bulk) if not self._is_dry else set()
        return {place: answer for place, answer in answers.items() if answer.order_id not in overtaken}

    def change(self, changed: Sequence[Change]) -> dict[int, Copied]:
        """Updates of orders that we have. Money facts only where nothing was frozen by a capture or a claim."""
        if not changed or self._is_dry:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM orders_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                [[change.order_id for change in changed]],
            )
            self._execute(cursor, _UPDATE_PARTICULARS, (self._particulars(change) for change in changed))
            self._execute(cursor, _UPDATE_TITLES, _titles(changed))
            self._execute(cursor, _NOTE_DIFFERENCE, self._differences(changed))
        return self._replace([change for change in changed if change.outcome is CopyOutcome.REPLACED])

    def _replace(self, changed: Sequence[Change]) -> dict[int, Copied]:
        rows = staging.Rows(self._merchant_id)
        answers: dict[int, Copied] = {}
        facts: list[dict[str, Any]] = []
        for place, order, order_id, _ in changed:
            refusal = self._money_refused(order)
            if refusal is None and self._charges_taken([order]):
                refusal = ChargeTaken(order.document.number)
            if refusal is not None:
                answers[place] = refused(order, refusal)
                continue
            facts.append(dict(zip(staging.ORDER.names, self._order_row(order_id, order), strict=True)))
            self._lines_and_captures(rows, order_id, order)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM orders_orderline WHERE order_id = ANY(%s)", [[row["id"] for row in facts]])
            self._execute(cursor, _UPDATE_FACTS, facts)
        staging.write(rows, is_bulk=self._is_bulk)
        return answers

    def _money_refused(self, order: FrozenOrder) -> Refusal | None:
        missing = [capture for capture in order.captures if capture.rail_account not in self._accounts]
        if not missing:
            return None
        wanted = missing[0].rail_account
        return NoRailAccount(f"there is no payment account {wanted!r}" if wanted else "there is no payment account yet")

    def _charge(self, capture: FrozenCapture) -> tuple[UUID, str]:
        return self._accounts[capture.rail_account], capture.charge_id

    def _charges_taken(self, orders: Iterable[FrozenOrder]) -> set[tuple[UUID, str]]:
        told = [self._charge(capture) for order in orders for capture in order.captures]
        if not told:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(_CHARGES_TAKEN, [[account for account, _ in told], [charge for _, charge in told]])
            return set(cursor.fetchall())

    def _order_row(self, order_id: UUID, order: FrozenOrder) -> tuple[Any, ...]:
        told = order.document
        return (
            order_id,
            told.number,
            told.email.strip().lower(),
            told.phone,
            told.shopper_name,
            told.customer_ref,
            told.country.upper(),
            told.currency,
            told.status,
            told.channel,
            told.placed_at,
            told.shipped_at,
            told.delivered_at,
            order.paid_minor,
            told.shipping_minor,
            told.shipping_tax_minor,
            told.tax_percent_thousandths,
            told.as_of or self._at,
            self._source,
            told.source_tag,
            order.facts_hash,
            order.content_hash,
            staging.Json(told.attributes),
        )

    def _lines_and_captures(self, rows: staging.Rows, order_id: UUID, order: FrozenOrder) -> None:
        order_key, currency = str(order_id), order.document.currency
        rows.lines.append((order_key, order.lines))
        for capture in order.captures:
            account, charge_id = self._charge(capture)
            rows.captures.append(
                (
                    ids.uuid7(),
                    order_key,
                    account,
                    capture.position,
                    capture.method,
                    capture.label,
                    charge_id,
                    currency,
                    capture.captured_minor,
                )
            )

    def _particulars(self, change: Change) -> dict[str, Any]:
        return dict(zip(staging.ORDER.names, self._order_row(change.order_id, change.order), strict=True))

    def _differences(self, changed: Sequence[Change]) -> Iterable[dict[str, Any]]:
        for _, order, order_id, outcome in changed:
            if outcome is CopyOutcome.DIFFERS:
                yield {
                    "id": order_id,
                    "difference": {
                        "at": self._at,
                        "source": self._source,
                        "placed_at": order.document.placed_at,
                        "paid_minor": order.paid_minor,
                        "shipping_minor": order.document.shipping_minor,
                        "shipping_tax_minor": order.document.shipping_tax_minor,
                        "lines": [line._asdict() for line in order.lines],
                        "captures": [capture._asdict() for capture in order.captures],
                    },
                }

    @staticmethod
    def _execute(cursor: Any, statement: str, rows: Iterable[dict[str, Any]]) -> None:
        given = list(rows)
        if given:
            cursor.execute(statement, [orjson.dumps(given, default=staging.plain).decode()])


def _titles(changed: Sequence[Change]) -> Iterable[dict[str, Any]]:
    """Names and pictures of lines may improve; only where the lines are still the same ones."""
    for _, order, order_id, outcome in changed:
        if outcome is CopyOutcome.CHANGED:
            for line in order.lines:
                yield {
                    "order_id": order_id,
                    "position": line.position,
                    "title": line.title,
                    "image_url": line.image_url,
                }
