"""The whole replay against a running house: every penny counted a second way, from the files alone."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

MAPPINGS = Path(__file__).resolve().parents[2] / "examples" / "mappings"
LINES_HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
RETURNS_HEAD = (
    "ReturnInvoiceNo,StockCode,CustomerID,ReturnQty,ReturnUnitPrice,ReturnDate,MatchedInvoiceNo,MatchedDate,"
    "MatchedUnitPrice,DaysSincePurchase,MatchStatus\n"
)
LINES = [
    "100,MUG,A MUG,6,2011-03-01 10:00:00,2.55,1,United Kingdom",
    "100,BOWL,A BOWL,2,2011-03-01 10:00:00,19.99,1,United Kingdom",
    "100,POST,POSTAGE,1,2011-03-01 10:00:00,18.00,1,United Kingdom",
    "101,LAMP,A LAMP,3,2011-03-02 10:00:00,7.65,2,France",
    "102,SHELF,A SHELF,12,2011-03-02 11:00:00,120.00,2,France",
]
RETURNS = [
    "C1,MUG,1,-2,2.55,2011-03-03 10:00:00,100,2011-03-01 10:00:00,2.55,2.0,partial_line",
    "C2,MUG,1,-4,2.55,2011-03-04 10:00:00,100,2011-03-01 10:00:00,2.55,3.0,partial_line",
    "C3,BOWL,1,-1,18.00,2011-03-04 11:00:00,100,2011-03-01 10:00:00,19.99,3.0,partial_line_price_differs",
    "C4,LAMP,2,-3,7.65,2011-03-05 10:00:00,101,2011-03-02 10:00:00,7.65,3.0,full_line",
    "C5,D,2,-1,5.00,2011-03-05 11:00:00,,,,,adjustment",
    "C6,VASE,3,-1,5.00,2011-03-05 12:00:00,,,,,no_prior_purchase",
    "C7,MUG,1,-1,2.55,2011-03-06 10:00:00,100,2011-03-01 10:00:00,2.55,5.0,partial_line",
    "C8,POST,1,-1,18.00,2011-03-06 11:00:00,100,2011-03-01 10:00:00,18.00,5.0,full_line",
    "C9,SHELF,2,-12,120.00,2011-03-06 12:00:00,102,2011-03-02 11:00:00,120.00,4.0,full_line",
]
#: By the purchase's prices: 2 and 4 mugs, a bowl at what it had cost (not at what the note says), 3 lamps.
PAID_MINOR = 2 * 255 + 4 * 255 + 1999 + 3 * 765


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, head, rows in (
        ("invoice_lines_2011-03.csv.gz", LINES_HEAD, LINES),
        ("returns_matched_to_purchase.csv.gz", RETURNS_HEAD, RETURNS),
    ):
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as file:
            file.write(head + "".join(f"{row}\n" for row in rows))
    return tmp_path


@pytest.fixture(scope="module")
def house():
    from recoup.config.private_house import PrivateHouse

    with PrivateHouse() as house:
        yield house


def replay(house, folder: Path, *words: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "recoup.config.cli", "--data-dir", str(house.data_dir), "replay", str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_what_was_bought_is_paid_to_the_penny_and_again_never(house, folder):
    first = replay(house, folder, "--json")

    assert first["requests"] == 9
    assert first["approved"] == 4
    assert first["rejected"] == 3  # a discount nobody bought, a vase nobody bought, a seventh mug of six
    assert first["review"] == 2  # postage is never paid by itself, and 1,440.00 needs a person
    assert first["approved_minor"] == first["provider_moved_minor"] == first["ledger_paid_minor"] == PAID_MINOR
    assert (first["double_payments"], first["lost"]) == (0, 0)

    again = replay(house, folder, "--json")

    first.pop("wall_s"), again.pop("wall_s")
    assert again == first


def test_a_part_of_it_is_counted_by_itself(house, folder):
    replay(house, folder, "--json")

    part = replay(house, folder, "--limit", "2")

    assert (part["requests"], part["approved"]) == (2, 2)
    assert part["approved_minor"] == part["provider_moved_minor"] == part["ledger_paid_minor"] == 6 * 255


def test_real_returns_are_paid_what_the_invoice_says():
    data = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail"
    if not data.is_dir():
        pytest.skip("the shop's files are not on this machine")
    from recoup.config.replaying import cancellations

    prices: dict[tuple[str, str], set[str]] = {}
    for path in cancellations.invoice_files(data):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                prices.setdefault((row["InvoiceNo"], row["StockCode"]), set()).add(row["UnitPrice"])
    for one in cancellations.read(data, limit=1000):
        if one.unit_price_minor is not None and not one.order_number.startswith("C"):
            pence = {int(Decimal(price) * 100) for price in prices[one.order_number, one.sku]}
            assert one.unit_price_minor in pence


def test_refunds_of_a_practice_companys_imported_orders_are_really_paid(house, tmp_path):
    """The layout of tau-bench: nested JSON, customers in another file, two payments for one order."""
    orders = {
        "#W1": {
            "order_id": "#W1",
            "user_id": "mei",
            "address": {"country": "USA"},
            "status": "delivered",
            "items": [{"name": "Lamp", "item_id": "77", "price": 30.5, "options": {"colour": "red"}}],
            "fulfillments": [{"tracking_id": ["1"]}],
            "payment_history": [
                {"transaction_type": "payment", "amount": 20.5, "payment_method_id": "card_1"},
                {"transaction_type": "payment", "amount": 10.0, "payment_method_id": "gift_1"},
            ],
        }
    }
    methods = {
        "card_1": {"source": "credit_card", "brand": "visa", "last_four": "1"},
        "gift_1": {"source": "gift_card"},
    }
    name = {"first_name": "Mei", "last_name": "Tan"}
    users = {"mei": {"name": name, "email": "mei@example.com", "payment_methods": methods}}
    for file_name, content in (("orders.json.gz", orders), ("users.json.gz", users)):
        (tmp_path / file_name).write_bytes(gzip.compress(json.dumps(content).encode()))
    words = ["--mapping", str(MAPPINGS / "tau_bench_retail.json"), "--merchant", "tau", "--practice", "US", "--json"]

    done = recoup(house, "import", str(tmp_path), *words)

    assert json.loads(done.stdout.splitlines()[-1])["orders_new"] == 1
    case = refund_of(house, slug="tau", order_number="#W1", sku="77")
    assert (case["amount_minor"], case["currency"]) == (3050, "USD")
    assert {payout["state"] for payout in case["payouts"]} == {"succeeded"}
    assert sum(payout["amount_minor"] for payout in case["payouts"]) == 3050
    assert recoup(house, "verify", "--json").returncode == 0


def recoup(house, *words):
    command = [sys.executable, "-m", "recoup.config.cli", "--data-dir", str(house.data_dir), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def refund_of(house, *, slug, order_number, sku):
    """Asks by the API, as the company whose goods came back; the case once its payouts are done."""
    told = subprocess.run(
        [sys.executable, "-c", ASKING, slug, order_number, sku],
        env={**os.environ, **house.environment("cli"), "DJANGO_SETTINGS_MODULE": "recoup.config.settings"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(told.stdout.splitlines()[-1])


#: In a process of its own: Django takes its settings from the environment, once.
ASKING = """
import json, os, sys, time
import django
django.setup()
import requests
from recoup.config.replaying import company
from recoup.merchants import queries
slug, order_number, sku = sys.argv[1:]
shop = company.Company(id=queries.by_slug(slug).id, slug=slug, account="")
with company.key_of(shop) as key:
    api = os.environ["RECOUP_WEB_URL"] + "/api/v1/refunds"
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "back-1"}
    items = [{"sku": sku, "quantity": 1}]
    body = {"order_number": order_number, "reason": "changed_mind", "goods_received": True, "items": items}
    case = requests.post(api, headers=headers, json=body, timeout=30).json()
    end_s = time.monotonic() + 60
    while not (case.get("payouts") and all(p["state"] == "succeeded" for p in case["payouts"])):
        assert time.monotonic() < end_s, case
        time.sleep(0.2)
        case = requests.get(f"{api}/{case['id']}", headers=headers, timeout=30).json()
print(json.dumps(case))
"""
