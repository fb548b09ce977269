"""The order books of the town's merchants, in a schema of their own that is deliberately not Recoup's.

Nested, camel-cased, amounts as decimal strings in major units, percentages as strings: what real shops answer.

    {"orderNumber": "MH-1042", "placedAt": "2026-07-01T08:30:00Z", "updatedAt": "...", "state": "delivered",
     "buyer": {"fullName": "...", "email": "...", "phone": "+65...", "countryCode": "SG", "since": "2024-02-11"},
     "currencyCode": "SGD",
     "basket": [{"lineRef": "1", "sku": "...", "title": "...", "category": "...", "quantity": 2,
                 "price": {"unit": "49.90", "discount": "0.00", "tax": {"percent": "9", "amount": "8.24"}},
                 "finalSale": false}],
     "delivery": {"method": "standard", "price": "4.00", "tax": {...}, "shippedAt": "...", "deliveredAt": "..."},
     "orderDiscount": {"code": "WELCOME", "amount": "5.00"} or null,
     "totals": {"goods": "99.80", "delivery": "4.00", "discount": "5.00", "tax": "8.16", "paid": "98.80"},
     "payments": [{"kind": "card", "gateway": "stripe", "account": "acct_...", "chargeId": "ch_...",
                   "amount": "98.80", "capturedAt": "...", "label": "Visa 4242"}]}
"""

import hashlib
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

TABLES = Path(__file__).with_name("tables.sql")
PAGE_DEFAULT, PAGE_MAX = 50, 200
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,3})?\Z")

Order = dict[str, Any]


class OrderRefused(ValueError):
    """What was given is not an order in the shop's schema."""


def open_town(directory: Path) -> sqlite3.Connection:
    """The town's file; every statement is a commit of its own unless a caller opens a transaction."""
    directory.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(directory / "town.sqlite3", isolation_level=None)
    database.row_factory = sqlite3.Row
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.executescript(TABLES.read_text())
    return database


class OrderBooks:
    """The orders of every shop."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def shops(self) -> list[dict[str, str]]:
        return [dict(row) for row in self._database.execute("SELECT name, api_key FROM shops ORDER BY name")]

    def put_shop(self, name: str, api_key: str) -> None:
        """Open a shop, or change its key."""
        if not name or not api_key:
            raise OrderRefused("a shop has a name and an api_key")
        try:
            self._database.execute("INSERT OR REPLACE INTO shops VALUES (?, ?)", (name, api_key))
        except sqlite3.IntegrityError as error:
            raise OrderRefused(str(error)) from None

    def shop_with_key(self, api_key: str) -> str | None:
        row = self._database.execute("SELECT name FROM shops WHERE api_key = ?", (api_key,)).fetchone()
        return row["name"] if row else None

    def put(self, shop: str, orders: list[Order]) -> int:
        """Write orders, all or none. One that differs from what stands becomes a new version with a new `updatedAt`
        (unless it brings its own); one that is the same changes nothing. Returns how many were written.
        """
        written = 0
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for order in orders:
                check(order)
                written += self._put_one(shop, order)
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
        return written

    def get(self, shop: str, number: str, *, is_stale: bool = False) -> Order | None:
        """The newest version of an order; with `is_stale` the oldest."""
        order = "ASC" if is_stale else "DESC"
        row = self._database.execute(
            f"SELECT body FROM orders WHERE shop = ? AND number = ? ORDER BY seq {order} LIMIT 1", (shop, number)
        ).fetchone()
        return orjson.loads(row["body"]) if row else None

    def find(
        self, shop: str, *, email: str | None, updated_since: str | None, cursor: str | None, limit: int
    ) -> tuple[list[Order], str | None]:
        """A page of newest versions by time of update, and the cursor of the next page."""
        after_time, _, after_number = (cursor or "~").partition("~")
        rows = self._database.execute(
            "SELECT number, updated_at, body FROM orders WHERE shop = ? AND is_newest AND (?2 IS NULL OR email = ?2) "
            "AND updated_at >= ?3 AND (updated_at, number) > (?4, ?5) ORDER BY updated_at, number LIMIT ?6",
            (shop, email.lower() if email else None, updated_since or "", after_time, after_number, limit + 1),
        ).fetchall()
        page = rows[:limit]
        following = f"{page[-1]['updated_at']}~{page[-1]['number']}" if len(rows) > limit else None
        return [orjson.loads(row["body"]) for row in page], following

    def count(self, shop: str) -> int:
        row = self._database.execute("SELECT count(*) AS n FROM orders WHERE shop = ? AND is_newest", (shop,))
        return int(row.fetchone()["n"])

    def _put_one(self, shop: str, order: Order) -> int:
        number = str(order["orderNumber"])
        before = self.get(shop, number)
        if before is not None and {**order, "updatedAt": None} == {**before, "updatedAt": None}:
            return 0
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        kept = {**order, "updatedAt": order.get("updatedAt") or now}
        self._database.execute("UPDATE orders SET is_newest = 0 WHERE shop = ? AND number = ?", (shop, number))
        self._database.execute(
            "INSERT INTO orders (shop, number, email, updated_at, is_newest, body) VALUES (?, ?, ?, ?, 1, ?)",
            (shop, number, str(order["buyer"]["email"]).lower(), kept["updatedAt"], orjson.dumps(kept)),
        )
        return 1


def etag(order: Order) -> str:
    """Changes when the order does."""
    return f'"{hashlib.blake2b(orjson.dumps(order, option=orjson.OPT_SORT_KEYS), digest_size=10).hexdigest()}"'


def check(order: Order) -> None:
    """Raises OrderRefused, saying what is missing or not a decimal string."""
    try:
        number, lines = order["orderNumber"], order["basket"]
        amounts = [order["totals"]["paid"], order["delivery"]["price"]]
        amounts += [part for line in lines for part in (line["price"]["unit"], line["price"].get("discount", "0"))]
        amounts += [payment["amount"] for payment in order["payments"]]
        texts = [number, order["placedAt"], order["currencyCode"], order["buyer"]["email"]]
        quantities = [line["quantity"] for line in lines]
    except (KeyError, TypeError, AttributeError) as error:
        raise OrderRefused(f"not an order of this shop: {type(error).__name__} {error}") from None
    for amount in amounts:
        if not isinstance(amount, str) or not _DECIMAL.match(amount):
            raise OrderRefused(f"{number}: amounts are decimal strings, not {amount!r}")
    if not all(isinstance(text, str) and text for text in texts):
        raise OrderRefused("orderNumber, placedAt, currencyCode and buyer.email are texts")
    if not lines or not all(isinstance(quantity, int) and quantity > 0 for quantity in quantities):
        raise OrderRefused(f"{number}: a basket has lines with positive quantities")
