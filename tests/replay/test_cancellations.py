"""Reading a shop's cancellations, and whether the invoices really hold what Online Retail's returns name."""

from __future__ import annotations

import csv
import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from recoup.config.replaying import cancellations

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail"
HEAD = (
    "ReturnInvoiceNo,StockCode,CustomerID,ReturnQty,ReturnUnitPrice,ReturnDate,MatchedInvoiceNo,MatchedDate,"
    "MatchedUnitPrice,DaysSincePurchase,MatchStatus\n"
)


@pytest.fixture
def folder(tmp_path: Path):
    def write(*rows: str) -> Path:
        with gzip.open(tmp_path / cancellations.RETURNS, "wt", encoding="utf-8") as file:
            file.write(HEAD + "".join(f"{row}\n" for row in rows))
        return tmp_path

    return write


def test_requests_come_in_the_order_of_time_and_lines_of_one_note_have_keys_of_their_own(folder):
    path = folder(
        "C2,MUG,1,-1,2.55,2011-07-02 10:00:00,100,2011-07-01 10:00:00,2.55,1.0,full_line",
        "C1,MUG,1,-1,2.55,2011-07-01 12:00:00,100,2011-07-01 10:00:00,2.55,0.1,partial_line",
        "C1,MUG,1,-2,2.55,2011-07-01 12:00:00,100,2011-07-01 10:00:00,2.55,0.1,partial_line",
    )

    found = cancellations.read(path)

    assert [one.key for one in found] == ["replay-C1-1", "replay-C1-2", "replay-C2-1"]
    assert [one.quantity for one in found] == [1, 2, 1]
    assert [one.key for one in cancellations.read(path, limit=2)] == ["replay-C1-1", "replay-C1-2"]


def test_the_shops_clock_is_londons_in_summer_and_winter(folder):
    path = folder(
        "C1,MUG,1,-1,2.55,2011-07-01 12:00:00,100,,2.55,,full_line",
        "C2,MUG,1,-1,2.55,2011-12-01 12:00:00,100,,2.55,,full_line",
    )

    asked = [json.loads(one.body())["judged_as_of"] for one in cancellations.read(path)]

    assert asked == ["2011-07-01T12:00:00+01:00", "2011-12-01T12:00:00+00:00"]


def test_a_line_whose_purchase_the_shop_does_not_know_names_the_credit_note_itself(folder):
    path = folder("C536379,D,14527,-1,27.5,2010-12-01 09:41:00,,,,,adjustment")

    (one,) = cancellations.read(path)

    assert one.order_number == "C536379"
    assert json.loads(one.body())["items"] == [{"sku": "D", "quantity": 1, "unit_price_minor": 2750}]


def test_a_price_with_fractions_of_a_penny_is_not_named(folder):
    path = folder("C1,MUG,1,-1,0.001,2011-07-01 12:00:00,100,,0.001,,full_line")

    (one,) = cancellations.read(path)

    assert one.unit_price_minor is None


def test_a_folder_of_something_else_is_refused(tmp_path, folder):
    with pytest.raises(cancellations.NotAReplay):
        cancellations.read(tmp_path)
    with pytest.raises(cancellations.NotAReplay):
        cancellations.invoice_files(tmp_path)
    with pytest.raises(cancellations.NotAReplay):
        cancellations.read(folder("C1,MUG,1,many,2.55,2011-07-01 12:00:00,100,,2.55,,full_line"))


@pytest.mark.skipif(not DATA.is_dir(), reason="the shop's files are not on this machine")
def test_every_matched_return_stands_on_its_invoice_with_units_enough():
    bought: dict[tuple[str, str], int] = {}
    for path in cancellations.invoice_files(DATA):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) >= 0:
                    name = (row["InvoiceNo"], row["StockCode"])
                    bought[name] = bought.get(name, 0) + int(row["Quantity"])

    asked = [one for one in cancellations.read(DATA) if not one.order_number.startswith("C")]

    assert len(asked) == 4560
    for one in asked:
        bought[one.order_number, one.sku] -= one.quantity
    assert min(bought.values()) >= 0
