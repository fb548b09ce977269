"""Amounts: integers in minor units, each currency with its own exponent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel import money
from recoup.kernel.money import Money, NotAnAmount

CURRENCIES = st.sampled_from(["SGD", "GBP", "JPY", "KWD", "CLF", "VND", "XAF"])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "SGD", 1250),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("-3.5", "EUR", -350),
        (" 7 ", "GBP", 700),
        ("0", "SGD", 0),
    ],
)
def test_an_amount_is_read_in_the_minor_units_of_its_currency(text, currency, minor):
    assert money.minor_from_text(text, currency) == minor


@pytest.mark.parametrize("text", ["12.505", "abc", "", "NaN", "Infinity", "1e400", "1,000", "10000000000000000"])
def test_what_is_not_an_amount_of_that_currency_is_refused_instead_of_rounded(text):
    with pytest.raises(NotAnAmount):
        money.minor_from_text(text, "SGD")


def test_a_yen_has_no_hundredths():
    assert money.exponent("JPY") == 0
    with pytest.raises(NotAnAmount):
        money.minor_from_text("1.5", "JPY")


@pytest.mark.parametrize("code", ["sgd", "SG", "SGDX", "S1D", ""])
def test_a_malformed_currency_is_refused(code):
    with pytest.raises(NotAnAmount):
        money.exponent(code)


@given(st.integers(-money.AMOUNT_MINOR_MAX, money.AMOUNT_MINOR_MAX), CURRENCIES)
def test_an_amount_written_out_is_read_back_unchanged(minor, currency):
    assert money.minor_from_text(money.text_from_minor(minor, currency), currency) == minor


def test_people_read_signs_and_separators():
    assert money.spoken(1_234_567, "SGD") == "S$12,345.67"
    assert money.spoken(-500, "JPY") == "-¥500"
    assert money.spoken(1234, "KWD") == "KWD 1.234"


def test_two_currencies_never_meet_in_one_sum():
    assert Money(1, "SGD") + Money(2, "SGD") == Money(3, "SGD")
    with pytest.raises(NotAnAmount):
        Money(1, "SGD") + Money(1, "GBP")
