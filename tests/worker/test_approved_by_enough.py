"""I10 of `bin/recoup verify`: an approval without the people or the authority it needed is named."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.refunds.asking import ask_in_review, do, hire

SOFA = 90_000


@pytest.fixture
def broken(as_worker):
    """What the check says about one case now."""
    from recoup.config.invariants import approvals

    def ask(case):
        with as_worker():
            return approvals.approved_by_enough().broken.get(f"case {case.id}")

    return ask


@pytest.fixture
def approved(shop):
    """A case that two people have approved, as their company asks."""
    from recoup.merchants import actions, queries

    actions.set_approval_limits(
        merchant_id=shop.id,
        limits=queries.Limits(four_eyes_from_minor=SOFA, reviewer_limit_minor=SOFA),
        by="person:boss",
        at=shop.now - timedelta(days=3),
    )
    case = ask_in_review(shop)
    do(shop, "approve", case, by=hire(shop, "ines"))
    assert do(shop, "approve", case, by=hire(shop, "jonas")).state == "approved"
    return case


@contextmanager
def forged(database, case, change, undo):
    with database.superuser() as hand:
        hand.execute(f"UPDATE refunds_approval SET {change} WHERE case_id = %s", [case.id])
    try:
        yield
    finally:
        with database.superuser() as hand:
            hand.execute(f"UPDATE refunds_approval SET {undo} WHERE case_id = %s", [case.id])


def test_what_enough_people_approved_is_not_named(approved, broken):
    assert broken(approved) is None


@pytest.mark.parametrize(
    ("change", "undo", "words"),
    [
        ("limit_minor = 1", "limit_minor = 90000", "nobody who approved it might approve so much"),
        (
            "mailbox = '\\x00', people_needed = 1",
            "mailbox = id::text::bytea, people_needed = 2",
            "1 of the people needed",
        ),
        ("person_id = NULL", "person_id = id", "0 of the people needed"),
        ("amount_minor = 1", "amount_minor = 90000", "to which nobody said yes"),
    ],
)
def test_an_approval_that_was_not_enough_is_named(approved, broken, database, change, undo, words):
    with forged(database, approved, change, undo):
        assert words in broken(approved)
