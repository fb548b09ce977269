"""Importing files: every row is accounted for, dirt is reported, and the same file again changes nothing."""

import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recoup.kernel import clock
from recoup.orders.mapping.amounts import Amounts
from recoup.orders.mapping.tally import Tally
from recoup.orders.mapping.values import MappingMistake, Unreadable
from recoup.orders.sources import files, tables, trees
from tests.orders.counters import importing, queries

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT.parent / "shared" / "data"
HEADING = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
WHEN = "2011-07-01 08:26:00"
DIRTY = [
    f"536365,85123A,HEART HOLDER,6,{WHEN},2.55,17850,United Kingdom",
    f"536365,71053,LANTERN,6,{WHEN},3.39,17850,United Kingdom",
    f"536365,71053,LANTERN,6,{WHEN},3.39,17850,United Kingdom",
    f"C536383,35004C,DUCKS,-1,{WHEN},4.65,15311,United Kingdom",
    f"536366,POST,POSTAGE,1,{WHEN},18,,France",
    f"536367,D,Discount,1,{WHEN},5,,EIRE",
    f"536368,22139,,-10,{WHEN},0,,United Kingdom",
    f"536369,22139,SAMPLE,3,{WHEN},0,,United Kingdom",
    f"A563185,B,Adjust bad debt,1,{WHEN},11062.06,,United Kingdom",
    f"536370,16161P,WRAP,3,{WHEN},0.415,12431,Australia",
    f"536371,22139,CUP,two,{WHEN},4.25,12431,Australia",
    f"536371,22140,BOWL,1,{WHEN},4.25,12431,Australia",
    "536372,22139,CUP,1,yesterday,4.25,12431,Australia",
    "536373,22139,CUP",
]


def mapping(name="online_retail"):
    return json.loads((PROJECT / "examples" / "mappings" / f"{name}.json").read_text())


def write(folder, rows, name="invoice_lines_1.csv.gz"):
    path = folder / name
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as file:
        file.write("\n".join([HEADING, *rows]) + "\n")
    return path


@pytest.fixture
def bring(shop, as_worker):
    def run(*paths, told=None, **changes):
        with as_worker():
            return importing.Import(
                merchant_id=shop.id, paths=paths, told=told, clock=clock.now, **{"mapping": mapping(), **changes}
            ).run()

    return run


def stored(shop, number):
    return queries.order_with_lines(merchant_id=shop.id, number=number)


def test_dirt_is_reported_and_never_dropped_in_silence(shop, bring, tmp_path):
    notes = []

    summary = bring(write(tmp_path, DIRTY), told=notes.append)

    assert summary.rows_read == len(DIRTY)
    assert summary.rows_read == summary.rows_kept + summary.rows_left_out + summary.rows_refused
    assert summary.reported == {
        "bad_debt_adjustment": 1,
        "cancellation": 1,
        "duplicate_row": 1,
        "missing_customer": 3,
        "not_a_time": 1,
        "not_a_whole_number": 1,
        "rounded": 1,
        "stock_write_off": 1,
        "wrong_columns": 1,
        "zero_price": 1,
    }
    assert (summary.rows_left_out, summary.rows_refused, summary.lines) == (3, 4, 7)
    assert len(notes) == sum(summary.reported.values())
    assert {(note.row, note.treated.value) for note in notes if note.code == "duplicate_row"} == {(4, "kept")}
    assert next(note.content for note in notes if note.code == "cancellation")["StockCode"] == "35004C"


def test_orders_are_what_the_invoices_say(shop, bring, tmp_path):
    bring(write(tmp_path, DIRTY))

    first = stored(shop, "536365")
    assert (first.paid_minor, [line.list_minor for line in first.lines]) == (5598, [1530, 2034, 2034])
    assert first.placed_at == datetime(2011, 7, 1, 7, 26, tzinfo=UTC)
    assert (first.customer_ref, first.country, first.captures[0].provider_charge_id) == ("17850", "GB", "ch_536365")
    assert [stored(shop, number).lines[0].kind for number in ("536366", "536367")] == ["shipping", "discount"]
    assert (stored(shop, "536369").paid_minor, stored(shop, "536369").captures) == (0, ())
    assert stored(shop, "536370").paid_minor == 124  # 3 x 0.415 = 1.245, half to even


def test_the_same_file_again_changes_nothing_and_says_so(shop, bring, tmp_path):
    path = write(tmp_path, DIRTY)
    bring(path)

    again = bring(path)

    assert again.changed_nothing
    assert again.orders["same"] == 5


def test_a_dry_run_reports_the_same_and_writes_nothing(shop, bring, tmp_path):
    path = write(tmp_path, DIRTY)

    dry = bring(path, is_dry=True)

    assert queries.numbers_known(merchant_id=shop.id, numbers=["536365"]) == {}
    wet = bring(path)
    assert (dry.reported, dry.orders, dry.run_id) == (wet.reported, wet.orders, None)


def test_several_files_of_a_folder_and_rows_that_stand_apart(shop, bring, tmp_path):
    write(tmp_path, [DIRTY[0], DIRTY[4], DIRTY[1]])
    write(tmp_path, [DIRTY[9]], "invoice_lines_2.csv.gz")

    summary = bring(tmp_path)

    assert (summary.orders["new"], summary.rows_read) == (3, 4)
    assert len(stored(shop, "536365").lines) == 2


def test_rows_that_come_after_their_order_was_complete_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("recoup.orders.mapping.rows.ROWS_APART_MAX", 3)
    rows = [f"{number},X,X,1,{WHEN},1,1,France" for number in (1, 2, 3, 4, 5, 6, 7, 8, 1)]
    tally = Tally()

    found = list(tables.orders(paths=[write(tmp_path, rows)], mapping=mapping(), tally=tally, heard=lambda _: None))

    assert len(found) == 8
    assert (tally.codes, tally.rows_refused) == ({"too_late": 1}, 1)


def test_another_delimiter_encoding_and_no_heading(tmp_path):
    path = tmp_path / "orders.txt"
    path.write_bytes("A-1;Käse;1;9,5\n".replace(",", ".").encode("latin-1"))
    told = {
        "format": "csv",
        "csv": {"delimiter": ";", "encoding": "latin-1", "columns": ["no", "name", "count", "price"]},
        "order": {
            "number": "no",
            "placed_at": {"value": "2026-01-01T00:00:00+08:00", "as": "time"},
            "currency": {"value": "EUR"},
        },
        "line": {"sku": "name", "quantity": "count", "unit_price": "price"},
    }

    ((document, _),) = tables.orders(paths=[path], mapping=told, tally=Tally(), heard=lambda _: None)

    assert (document.lines[0].sku, document.lines[0].list_minor) == ("Käse", 950)


def test_a_mapping_that_names_what_is_not_there_is_refused_before_anything_is_read(bring, tmp_path):
    path = write(tmp_path, DIRTY)
    wrong = mapping()
    wrong["line"]["sku"] = "Sku"

    with pytest.raises(MappingMistake, match="there is no column 'Sku'"):
        bring(path, mapping=wrong)
    for change in ({"format": "xml"}, {"colour": 1}, {"line": None}):
        with pytest.raises(MappingMistake):
            bring(path, mapping={key: value for key, value in {**mapping(), **change}.items() if value is not None})


def test_a_file_cut_short_is_refused_and_what_was_stored_stays(shop, bring, tmp_path):
    path = write(tmp_path, DIRTY * 50)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(files.SourceUnreadable):
        bring(path)
    with pytest.raises(files.SourceMissing):
        bring(tmp_path / "nowhere.csv")


@given(st.integers(0, 10**7), st.integers(1, 500), st.integers(0, 2))
@settings(deadline=None)
def test_prices_with_the_currencys_places_are_never_rounded(minor, quantity, missing):
    amounts = Amounts("GBP")
    text = f"{minor // 100}.{minor % 100:02d}".rstrip("0" if missing else "").rstrip(".")

    assert amounts.minor(text, quantity) == minor * quantity
    assert amounts.roundings == 0


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e30"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(Unreadable):
        Amounts("GBP").minor(text)


def test_nested_orders_of_another_schema_with_split_tenders(tmp_path):
    orders = {
        "#W1": {
            "order_id": "#W1",
            "user_id": "mei",
            "address": {"country": "USA"},
            "status": "cancelled",
            "fulfillments": [],
            "items": [{"name": "Lamp", "item_id": "77", "price": 47.84, "options": {"color": "blue", "size": "M"}}],
            "payment_history": [
                {"transaction_type": "payment", "amount": 20.0, "payment_method_id": "gift_card_1"},
                {"transaction_type": "payment", "amount": 27.84, "payment_method_id": "credit_card_2"},
                {"transaction_type": "refund", "amount": 7.84, "payment_method_id": "credit_card_2"},
            ],
        },
        "#W2": {"order_id": "#W2", "user_id": "nobody"},
    }
    card = {"source": "credit_card", "brand": "visa", "last_four": "4242"}
    user = {
        "name": {"first_name": "Mei", "last_name": "Tan"},
        "email": "mei@example.com",
        "payment_methods": {"gift_card_1": {"source": "gift_card", "balance": 0}, "credit_card_2": card},
    }
    (tmp_path / "orders.json").write_text(json.dumps(orders))
    (tmp_path / "users.json.gz").write_bytes(gzip.compress(json.dumps({"mei": user}).encode()))
    tally = Tally()

    ((document, _),) = trees.orders(
        paths=[tmp_path / "orders.json"], mapping=mapping("tau_bench_retail"), tally=tally, heard=lambda _: None
    )

    assert (document.email, document.shopper_name, document.country) == ("mei@example.com", "Mei Tan", "US")
    assert [(line.sku, line.title, line.list_minor) for line in document.lines] == [("77", "Lamp (blue, M)", 4784)]
    assert [
        (one.charge_id, one.method, one.label, one.amount_minor, one.refunded_minor) for one in document.payments
    ] == [
        ("ch_W1_gift_card_1", "gift_card", "Gift card", 2000, 0),
        ("ch_W1_credit_card_2", "card", "visa 4242", 2784, 784),
    ]
    assert tally.codes == {"unknown_user": 1}


def data(name):
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: the test on real orders needs the shared data")
    return folder


def test_tau_bench_retail_comes_in_whole(shop, bring):
    summary = bring(data("tau_bench_retail"), mapping=mapping("tau_bench_retail"))

    assert (summary.orders["new"], summary.lines, summary.rows_refused) == (1000, 2978, 0)
    assert stored(shop, "#W2611340").paid_minor == 53665
    assert stored(shop, "#W3220387").captures == ()  # cancelled, and its money went back before


@pytest.mark.slow
def test_online_retail_comes_in_whole_with_its_dirt_reported(shop, bring):
    folder = data("online_retail")
    expected = _counted(folder)

    summary = bring(folder)

    assert summary.rows_read == summary.rows_kept + summary.rows_left_out + summary.rows_refused
    assert (summary.rows_read, summary.rows_refused) == (expected["rows"], 0)
    assert summary.orders == {"new": expected["orders"]}
    for code in ("cancellation", "stock_write_off", "bad_debt_adjustment", "duplicate_row", "missing_customer"):
        assert summary.reported[code] == expected[code], code
    assert stored(shop, "536365").paid_minor == 13912
    again = bring(folder)
    assert again.changed_nothing


def _counted(folder):
    """The same questions, asked of the file by other means."""
    counted = dict.fromkeys(
        ("rows", "cancellation", "stock_write_off", "bad_debt_adjustment", "duplicate_row", "missing_customer"), 0
    )
    seen, orders = set(), set()
    for path in sorted(folder.glob("invoice_lines_*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                counted["rows"] += 1
                number = row["InvoiceNo"]
                if number[0] in "CA":
                    counted["cancellation" if number[0] == "C" else "bad_debt_adjustment"] += 1
                elif int(row["Quantity"]) <= 0:
                    counted["stock_write_off"] += 1
                else:
                    orders.add(number)
                    counted["missing_customer"] += not row["CustomerID"]
                    counted["duplicate_row"] += tuple(row.values()) in seen
                    seen.add(tuple(row.values()))
    return {**counted, "orders": len(orders)}
