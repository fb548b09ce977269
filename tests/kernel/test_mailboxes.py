"""Addresses and numbers that reach the same person."""

import pytest

from recoup.kernel.mailboxes import mailbox, same_phone


@pytest.mark.parametrize(
    ("address", "reaches"),
    [
        ("Ines@Shop.Example", "ines@shop.example"),
        ("ines+refunds@shop.example", "ines@shop.example"),
        ("in.es@shop.example", "in.es@shop.example"),
        ("i.n.e.s+x@googlemail.com", "ines@gmail.com"),
        ("ines@gmail.com", "ines@gmail.com"),
        ("+tag@shop.example", "+tag@shop.example"),
        ("\N{FULLWIDTH LATIN SMALL LETTER I}nes@shop.example", "ines@shop.example"),
        ("", ""),
        ("nobody", ""),
        ("@shop.example", ""),
    ],
)
def test_an_address_is_called_by_its_mailbox(address, reaches):
    assert mailbox(address) == reaches


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("+65 8123 4567", "8123-4567", True),
        ("0049 170 1234567", "+491701234567", True),
        ("+6581234567", "+6581234568", False),
        ("4567", "+6581234567", False),
        ("", "", False),
        ("+6581234567", "", False),
    ],
)
def test_two_numbers_are_one_when_they_end_alike(one, other, is_same):
    assert same_phone(one, other) is is_same
    assert same_phone(other, one) is is_same
