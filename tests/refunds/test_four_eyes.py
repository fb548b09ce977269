"""Whether the people who said yes are enough: arithmetic."""

import pytest

from recoup.refunds.four_eyes import Why, Yes, how_many, rule

INES = Yes(actor="person:1", is_able=False, marks=frozenset({"person:1", "mailbox:ines@x"}))
JONAS = Yes(actor="person:2", is_able=True, marks=frozenset({"person:2", "mailbox:jonas@x"}))
INES_AGAIN = Yes(actor="person:3", is_able=True, marks=frozenset({"person:3", "mailbox:ines@x"}))
KEY = Yes(actor="key:1", is_able=True)


@pytest.mark.parametrize(
    ("said", "wanted", "is_enough"),
    [
        ([JONAS], [], True),
        ([INES], [], False),
        ([INES, JONAS], [], True),
        ([INES, INES], [], False),
        ([KEY], [], True),
        ([JONAS], [Why.AMOUNT], False),
        ([INES, JONAS], [Why.AMOUNT], True),
        ([JONAS, INES], [Why.RISK], True),
        ([INES, INES_AGAIN], [Why.AMOUNT], False),
        ([KEY], [Why.AMOUNT], False),
        ([KEY, JONAS], [Why.AMOUNT], False),
        ([KEY, INES, JONAS], [Why.AMOUNT], True),
    ],
)
def test_a_yes_is_enough_with_a_limit_and_as_many_people_as_are_asked_for(said, wanted, is_enough):
    assert rule(said, people_wanted=wanted, sum_whys=[Why.ABOVE_LIMIT]).is_enough is is_enough


def test_it_says_why_one_yes_is_not_enough():
    assert rule([INES], people_wanted=[Why.AMOUNT], sum_whys=[Why.ADDS_UP]).whys == (Why.AMOUNT, Why.ADDS_UP)
    assert rule([INES, JONAS], people_wanted=[Why.AMOUNT], sum_whys=[Why.ADDS_UP]).whys == ()


def test_accounts_that_share_a_mark_are_one_person_even_through_a_third():
    both = Yes(actor="person:4", is_able=True, marks=frozenset({"person:4", "mailbox:ines@x", "mailbox:jonas@x"}))

    assert how_many([INES, JONAS]) == 2
    assert how_many([INES, JONAS, both]) == 1
    assert how_many([KEY]) == 0
