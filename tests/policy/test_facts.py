"""Facts keep their promises, and their stored text comes back as it was."""

from dataclasses import FrozenInstanceError, replace
from datetime import datetime

import pytest

from recoup.refunds.policy import Facts, FactsNotUnderstood, LineFacts, ShopperFacts
from tests.policy.builders import a_line, a_request, an_order


def test_the_stored_text_is_the_same_for_equal_facts_and_reads_back():
    text = a_request().to_json()

    assert text == a_request().to_json()
    assert Facts.from_json(text) == a_request()


def test_facts_cannot_be_changed_after_the_decision():
    with pytest.raises(FrozenInstanceError):
        a_request().currency = "USD"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: a_request(requested_at=datetime(2026, 1, 1)),
        lambda: a_request(order=an_order(placed_at=datetime(2026, 1, 1))),
        lambda: a_request(a_line("a"), a_line("a")),
        lambda: a_request(a_line(goods_minor=25.0)),
        lambda: a_request(a_line(quantity_requested=-1)),
        lambda: a_request(a_line(quantity_requested=True)),
        lambda: a_request(shipping_minor=1.5),
        lambda: a_request(shipping_standard_minor=-1),
        lambda: a_request(shopper=ShopperFacts(cases_last_day=-1)),
        lambda: a_request(order=an_order(paid_minor=10.5)),
        lambda: a_request(a_line(discount_minor=200)),
    ],
)
def test_what_cannot_be_true_is_refused(wrong):
    with pytest.raises(FactsNotUnderstood):
        wrong()


@pytest.mark.parametrize("text", ["{}", "[]", '{"reason": "boredom"}', "not json", '{"requested_at": 5}'])
def test_text_that_is_not_facts_is_refused(text):
    with pytest.raises(FactsNotUnderstood):
        Facts.from_json(text)


def test_an_unknown_field_in_stored_facts_is_refused():
    with pytest.raises(FactsNotUnderstood):
        Facts.from_json(a_request().to_json().replace('"sku"', '"skew"'))


def test_only_units_that_are_left_can_be_paid():
    line = LineFacts(
        line_id="a", sku="a", title="a", quantity_ordered=5, quantity_requested=4, quantity_already_refunded=3
    )

    assert line.quantity_payable == 2
    assert replace(line, quantity_already_refunded=9).quantity_payable == 0
