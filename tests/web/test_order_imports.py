"""A company's people bring orders in from a file: which column is what, what would happen, and how far it is."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from recoup.kernel import ids
from recoup.kernel.errors import NotFound
from tests.database import as_role

FILE = """Name,Created at,Email,Lineitem sku,Lineitem name,Lineitem quantity,Lineitem price,Payment Reference
{a},23/11/2026 09:15,mei@example.com,MUG,Blue mug,2,12.50,ch_{a}
{a},23/11/2026 09:15,mei@example.com,TEA,Tea,1,8.00,ch_{a}
{b},22/11/2026 18:00,ann@example.com,MUG,Blue mug,1,12.50,ch_{b}
"""


@pytest.fixture
def numbers(shop):
    return {"a": f"{shop.slug}-A", "b": f"{shop.slug}-B"}


@pytest.fixture
def mara(sits_down):
    return sits_down("Mara", "manager")


@pytest.fixture
def work(database):
    """The worker does one round."""

    def run():
        from recoup.kernel.clock import now
        from recoup.orders import import_jobs

        with as_role(database, "recoup_worker"):
            while import_jobs.run_next(at=now()):
                pass

    return run


def uploads(who, text, name="orders.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return who.sends("/staff/orders", file=SimpleUploadedFile(name, content))


def choices(who):
    """What the page has guessed."""
    selects = re.findall(r'<select name="(\w+)".*?</select>', who.page, re.DOTALL)
    found = {}
    for name in selects:
        body = re.search(rf'<select name="{name}".*?</select>', who.page, re.DOTALL)[0]
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    found["zone"] = re.search(r'name="zone" value="([^"]*)"', who.page)[1]
    return found


def test_columns_are_guessed_and_nothing_is_stored_before_the_yes(mara, shop, numbers, work):
    from recoup.orders import queries

    uploads(mara, FILE.format(**numbers))
    guessed = choices(mara)

    assert guessed["number"] == "Name"
    assert guessed["placed_at"] == "Created at"
    assert guessed["dates"] == "%d/%m/%Y %H:%M"
    assert guessed["unit_price"] == "Lineitem price"
    assert guessed["charge_id"] == "Payment Reference"
    mara.sends(mara.path, step="look", **guessed)
    assert "2 orders can be stored" in mara.page
    assert "2x Blue mug, 1x Tea" in mara.page
    work()
    assert queries.count_orders(merchant_id=shop.id) == 0


def test_they_come_in_with_their_payments_and_the_page_says_how_it_went(mara, shop, numbers, work):
    from recoup.orders import queries

    uploads(mara, FILE.format(**numbers))
    path = mara.path
    mara.sends(path, step="bring", **choices(mara))
    assert "It waits for its turn" in mara.page
    progress = mara.path

    work()

    assert "It is done" in mara.opens(progress).page
    order = queries.order_with_lines(merchant_id=shop.id, number=numbers["a"])
    assert order.placed_at == datetime(2026, 11, 23, 1, 15, tzinfo=UTC), "Singapore's clock"
    assert sum(line.total_minor for line in order.lines) == 3300
    assert "2 new" in mara.opens("/staff/orders").page
    assert "Mara" in mara.page
    assert mara.opens(path).response.status_code == 404, "the file is thrown away"


def test_the_same_file_again_changes_nothing(mara, numbers, work):
    for _ in range(2):
        uploads(mara, FILE.format(**numbers))
        mara.sends(mara.path, step="bring", **choices(mara))
        work()

    assert "2 were here already" in mara.opens("/staff/orders").page


def test_a_wrong_row_is_named_and_the_others_come_in(mara, numbers, work):
    uploads(mara, FILE.format(**numbers) + f"{numbers['b']}-C,soon,x@example.com,MUG,Mug,1,abc,ch_c\n")
    guessed = choices(mara) | {"dates": "%d/%m/%Y %H:%M"}
    mara.sends(mara.path, step="look", **guessed)
    assert "Row 5" in mara.page

    mara.sends(mara.path, step="bring", **guessed)
    progress = mara.path
    work()

    assert "Row 5" in mara.opens(progress).page
    assert "<dd>2</dd>" in mara.page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 a spreadsheet", "save it as CSV"),
        (b"\x00\x01\x02", "This is no text"),
        (b"one,two\n1,2\n", "first line has to name the columns"),
        (b"A,B,C\n", "first line has to name the columns"),
        (b"A,A,C\n1,2,3\n", "Two columns have the same name"),
        (b"", "This file is empty"),
    ],
)
def test_what_is_no_table_is_said_and_not_kept(mara, content, said):
    uploads(mara, content)

    assert mara.response.status_code == 422
    assert said in mara.page


def test_semicolons_and_old_letters_are_understood(mara, numbers, work, shop):
    from recoup.orders import queries

    text = FILE.format(**numbers).replace(",", ";").replace("Blue mug", "Café")
    uploads(mara, text.encode("latin-1"))
    mara.sends(mara.path, step="bring", **choices(mara))
    work()

    order = queries.order_with_lines(merchant_id=shop.id, number=numbers["b"])
    assert [line.title for line in order.lines] == ["Café"]


def test_a_column_that_is_needed_is_asked_for(mara, numbers):
    uploads(mara, FILE.format(**numbers))
    mara.sends(mara.path, step="look", **(choices(mara) | {"charge_id": "", "zone": "Mars/Crater"}))

    assert mara.response.status_code == 422
    assert "Please choose the column" in mara.page
    assert "There is no such place" in mara.page


def test_another_company_s_file_and_import_are_not_there(mara, numbers, work):
    from recoup.orders import queries
    from recoup.orders.gateways import order_files

    uploads(mara, FILE.format(**numbers))
    key = mara.path.rsplit("/", 1)[1]
    mara.sends(mara.path, step="bring", **choices(mara))
    run_id = mara.path.rsplit("/", 1)[1]

    with pytest.raises(NotFound):
        order_files.look(key, merchant_id=ids.uuid7())
    with pytest.raises(NotFound):
        queries.import_run(merchant_id=ids.uuid7(), run_id=run_id)


def test_a_worker_that_died_is_followed_by_another_and_three_are_enough(mara, numbers, work, database):
    uploads(mara, FILE.format(**numbers))
    mara.sends(mara.path, step="bring", **choices(mara))
    progress = mara.path
    with database.superuser() as connection:
        connection.execute(
            "UPDATE orders_importrun SET fence = 3, lease_until = now() - interval '1 s' WHERE id = %s",
            [progress.rsplit("/", 1)[1]],
        )

    work()

    assert "It was tried three times" in mara.opens(progress).page


def test_others_look_and_bring_nothing(sits_down, numbers):
    ada = sits_down("Ada", "auditor").opens("/staff/orders")

    assert 'type="file"' not in ada.page
    assert uploads(ada, FILE.format(**numbers)).response.status_code == 403
