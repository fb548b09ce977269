"""The cancellations of a real shop, as the requests that its own system would send."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from recoup.kernel.errors import Invalid

RETURNS = "returns_matched_to_purchase.csv.gz"
INVOICES = "invoice_lines_*.csv.gz"
#: The invoices carry the shop's own clock, without an offset.
SHOP_TIME = ZoneInfo("Europe/London")
#: All that a cancelled line says is that the customer gave the goods back. No fault is claimed.
REASON = "changed_mind"


class NotAReplay(Invalid):
    """The folder does not hold the files that a replay reads."""

    code = "not_a_replay"
    title = "There is nothing to replay here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """One line of a credit note. `key` is the same in every replay, so a line can never be paid twice.

    `order_number` is the invoice that the shop's books name for it, or else the credit note's own number: then the
    shop does not know what was bought, and neither will Recoup.
    """

    key: str
    order_number: str
    sku: str
    quantity: int
    unit_price_minor: int | None
    at: datetime
    status: str

    def body(self) -> bytes:
        """The request's JSON. The same cancellation gives the same bytes."""
        item: dict[str, Any] = {"sku": self.sku, "quantity": self.quantity}
        if self.unit_price_minor is not None:
            item["unit_price_minor"] = self.unit_price_minor
        return orjson.dumps(
            {
                "order_number": self.order_number,
                "reason": REASON,
                "items": [item],
                "goods_received": True,
                "judged_as_of": self.at.isoformat(),
            }
        )


def read(folder: Path, *, limit: int | None = None) -> list[Cancellation]:
    """The first `limit` cancellations of the folder in time order. Raises NotAReplay."""
    path = folder / RETURNS
    if not path.is_file():
        raise NotAReplay(f"{folder} has no {RETURNS}")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        try:
            found = list(_cancellations(csv.DictReader(file)))
        except (KeyError, ValueError, ArithmeticError) as problem:
            raise NotAReplay(f"{path} has another layout: {problem!r}") from None
    found.sort(key=lambda cancellation: cancellation.at)
    return list(islice(found, limit))


def invoice_files(folder: Path) -> list[Path]:
    """The files of invoice lines. Raises NotAReplay."""
    paths = sorted(folder.glob(INVOICES))
    if not paths:
        raise NotAReplay(f"{folder} has no {INVOICES}")
    return paths


def _cancellations(rows: Iterator[dict[str, str]] | csv.DictReader[str]) -> Iterator[Cancellation]:
    lines_so_far: Counter[str] = Counter()
    for row in rows:
        note = row["ReturnInvoiceNo"].strip()
        lines_so_far[note] += 1
        invoice = row["MatchedInvoiceNo"].strip()
        yield Cancellation(
            key=f"replay-{note}-{lines_so_far[note]}",
            order_number=invoice or note,
            sku=row["StockCode"].strip(),
            quantity=abs(int(row["ReturnQty"])),
            unit_price_minor=_whole_minor(row["MatchedUnitPrice"] or row["ReturnUnitPrice"]),
            at=datetime.fromisoformat(row["ReturnDate"]).replace(tzinfo=SHOP_TIME),
            status=row["MatchStatus"],
        )


def _whole_minor(price: str) -> int | None:
    """Pence; nothing for a price that has fractions of them, which no line's price can equal."""
    pence = Decimal(price).scaleb(2)
    return int(pence) if pence == int(pence) and pence >= 0 else None
