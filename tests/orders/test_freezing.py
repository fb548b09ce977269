"""Freezing: every amount becomes an integer once, and the parts add up for every order there can be."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recoup.kernel import units
from recoup.kernel.allocation import first_units
from recoup.orders.documents import PaymentDocument
from recoup.orders.freezing import freeze, line_total_minor
from recoup.orders.refusals import NotAnOrder, SumsDiffer
from tests.orders.builders import PLACED_AT, a_line, an_order, total


@st.composite
def orders(draw):
    """Any order whose amounts are possible, with its discount, taxes, delivery and split payments."""
    lines = []
    for number in range(draw(st.integers(1, 6))):
        quantity = draw(st.integers(1, 12))
        listed = draw(st.integers(0, 50_000))
        discount = -draw(st.integers(0, listed))
        lines.append(
            a_line(
                f"SKU-{number}",
                quantity=quantity,
                unit_price_minor=None,
                list_minor=listed,
                item_discount_minor=discount,
                tax_minor=draw(st.integers(0, 5_000)),
                fee_minor=draw(st.integers(0, 300)),
                kind=draw(st.sampled_from(["goods", "digital", "shipping", "fee"])),
            )
        )
    carried = sum(line.list_minor + line.item_discount_minor for line in lines if line.kind in ("goods", "digital"))
    document = an_order(
        "A-1",
        *lines,
        order_discount_minor=-draw(st.integers(0, carried)),
        shipping_minor=draw(st.integers(0, 2_000)),
        shipping_tax_minor=draw(st.integers(0, 200)),
        payments=[],
    )
    document.payments = _tenders(total(document), draw(st.lists(st.integers(1, 100), max_size=3)))
    return document


def _tenders(amount, cuts):
    parts = [min(cut, amount // 4) for cut in cuts]
    parts = [part for part in [*parts, amount - sum(parts)] if part > 0]
    return [PaymentDocument(charge_id=f"ch_{number}", amount_minor=part) for number, part in enumerate(parts)]


@given(orders())
@settings(max_examples=300, deadline=None)
def test_the_frozen_parts_are_what_was_paid(document):
    frozen = freeze(document)

    parts = sum(line_total_minor(line) for line in frozen.lines) + document.shipping_minor + document.shipping_tax_minor
    assert parts == frozen.paid_minor == sum(capture.captured_minor for capture in frozen.captures)
    assert sum(line.order_discount_minor for line in frozen.lines) == document.order_discount_minor
    for line in frozen.lines:
        assert line.order_discount_minor <= 0
        assert line.list_minor + line.item_discount_minor + line.order_discount_minor >= 0
        assert line.kind in ("goods", "digital") or line.order_discount_minor == 0


@given(orders())
@settings(max_examples=100, deadline=None)
def test_all_units_together_are_worth_the_line(document):
    for line in freeze(document).lines:
        for amount in (line.list_minor, line.order_discount_minor, line.tax_minor):
            shares = [
                first_units(amount, line.quantity, count + 1) - first_units(amount, line.quantity, count)
                for count in range(line.quantity)
            ]
            assert sum(shares) == amount
            assert max(shares) - min(shares) <= 1


@given(
    quantity=st.integers(1, 40),
    listed=st.integers(0, 60),
    chance=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    extra=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
@example(quantity=5, listed=3, chance=(34, 100), extra=(0, 0))
@settings(max_examples=500, deadline=None)
def test_no_unit_is_worth_less_than_nothing_however_tiny_its_price(quantity, listed, chance, extra):
    item_discount = -listed * chance[0] // 100
    line = a_line(
        quantity=quantity,
        unit_price_minor=None,
        list_minor=listed,
        item_discount_minor=max(-listed, item_discount),
        tax_minor=extra[0],
        fee_minor=extra[1],
    )
    carried = listed + line.item_discount_minor
    document = an_order("A-1", line, order_discount_minor=-(carried * chance[1] // 100), payments=[])

    frozen = freeze(document).lines[0]
    discount = frozen.item_discount_minor + frozen.order_discount_minor
    parts = (frozen.list_minor, discount, frozen.tax_minor, frozen.fee_minor)
    shares = [sum(units.worth(part, quantity, [(unit, unit + 1)]) for part in parts) for unit in range(quantity)]

    assert min(shares) >= 0
    assert sum(shares) == line_total_minor(frozen)


def test_a_payment_short_of_one_cent_is_refused_with_both_sums():
    document = an_order(payments=[PaymentDocument(charge_id="ch_1", amount_minor=1999)])

    with pytest.raises(SumsDiffer) as refusal:
        freeze(document)

    assert refusal.value.extra == {"parts_minor": 2000, "told_minor": 1999}
    assert "S$20.00" in refusal.value.detail
    assert "S$19.99" in refusal.value.detail


def test_tax_inside_the_price_is_not_paid_again_and_tax_on_top_is():
    inside = freeze(an_order("A-1", a_line(tax_included_minor=165)))
    on_top = freeze(an_order("A-2", a_line(tax_minor=180)))

    assert (inside.paid_minor, on_top.paid_minor) == (2000, 2180)


def test_an_order_nobody_paid_yet_has_no_captures():
    frozen = freeze(an_order(payments=[]))

    assert (frozen.paid_minor, frozen.captures) == (0, [])


def test_what_went_back_before_can_not_go_back_again():
    paid = [
        PaymentDocument(charge_id="ch_1", amount_minor=1500, refunded_minor=1500),
        PaymentDocument(charge_id="ch_2", amount_minor=500, refunded_minor=200),
    ]

    frozen = freeze(an_order(payments=paid))

    assert [(capture.charge_id, capture.captured_minor) for capture in frozen.captures] == [("ch_2", 300)]
    assert frozen.paid_minor == 2000


def test_yen_have_no_hundredths_and_dinars_have_thousandths():
    assert freeze(an_order(currency="JPY")).paid_minor == 2000
    assert "BHD 2.000" in str(_sums(an_order(currency="BHD", total_paid_minor=1)))


def _sums(document):
    with pytest.raises(SumsDiffer) as refusal:
        freeze(document)
    return refusal.value.detail


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": " "}, "number"),
        ({"currency": "sgd"}, "currency"),
        ({"status": "lost"}, "status"),
        ({"channel": "fax"}, "channel"),
        ({"country": "SGP"}, "country"),
        ({"placed_at": datetime(2026, 11, 2)}, "placed_at"),
        ({"shipping_minor": -1}, "shipping_minor"),
        ({"order_discount_minor": 5}, "order_discount_minor"),
        ({"order_discount_minor": -2001}, "order_discount_minor"),
        ({"shopper_name": "Mei\0"}, "number"),
    ],
)
def test_a_head_that_cannot_be_true_is_refused(changes, field):
    with pytest.raises(NotAnOrder) as refusal:
        freeze(an_order(**changes, payments=[]))
    assert refusal.value.extra["field"] == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"sku": ""}, "sku"),
        ({"kind": "stuff"}, "kind"),
        ({"list_minor": 1}, "list_minor"),
        ({"unit_price_minor": -1}, "list_minor"),
        ({"item_discount_minor": 1}, "item_discount_minor"),
        ({"item_discount_minor": -2001}, "item_discount_minor"),
        ({"tax_minor": -1}, "tax_minor"),
        ({"tax_included_minor": 2001}, "tax_included_minor"),
    ],
)
def test_a_line_that_cannot_be_true_is_refused(changes, field):
    with pytest.raises(NotAnOrder) as refusal:
        freeze(an_order("A-1", replace(a_line(), **changes), payments=[]))
    assert refusal.value.extra["field"] == f"lines[0].{field}"


def test_the_same_moment_in_another_zone_is_the_same_order():
    singapore = PLACED_AT.astimezone(timezone(timedelta(hours=8)))

    assert freeze(an_order()).content_hash == freeze(an_order(placed_at=singapore)).content_hash


def test_a_price_is_a_fact_and_a_status_is_not():
    before, dearer, delivered = (
        freeze(an_order()),
        an_order("A-1", a_line(unit_price_minor=1001)),
        an_order(status="delivered"),
    )

    assert freeze(dearer).facts_hash != before.facts_hash
    assert freeze(delivered).facts_hash == before.facts_hash
    assert freeze(delivered).content_hash != before.content_hash
