"""Splitting amounts so that nothing is lost, and units that carry their own frozen share."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel import units
from recoup.kernel.allocation import first_units, split, spread

AMOUNTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(AMOUNTS, WEIGHTS)
def test_the_parts_of_a_split_add_up(total, weights):
    assert sum(split(total, weights)) == total


@given(st.integers(0, 10**12), WEIGHTS)
def test_no_part_is_more_than_one_unit_from_its_exact_share(total, weights):
    whole = sum(weights) or len(weights)
    weights = weights if sum(weights) else [1] * len(weights)

    for part, weight in zip(split(total, weights), weights, strict=True):
        assert abs(part * whole - total * weight) < whole


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.data())
def test_taking_out_of_balances_never_passes_one_of_them(balances, data):
    total = data.draw(st.integers(0, sum(balances)))

    parts = spread(total, balances)

    assert sum(parts) == total
    assert all(0 <= part <= balance for part, balance in zip(parts, balances, strict=True))


def test_more_than_the_balances_hold_is_refused():
    with pytest.raises(ValueError, match="cannot be taken"):
        spread(11, [5, 5])


def test_a_split_without_weights_is_even_and_one_without_parts_is_empty():
    assert split(10, [0, 0, 0]) == [4, 3, 3]
    assert split(10, []) == []


def test_87_957975_never_exists():
    """Medusa #15303: a third of a price is an integer, and the thirds add up."""
    assert split(26_387, [1, 1, 1]) == [8796, 8796, 8795]


@given(AMOUNTS, st.integers(1, 500), st.randoms(use_true_random=False))
def test_units_taken_in_any_order_and_grouping_add_up_to_the_line(total, quantity, chance: random.Random):
    order = list(range(quantity))
    chance.shuffle(order)
    paid = 0
    while order:
        taken, order = order[: (some := chance.randint(1, len(order)))], order[some:]
        paid += units.worth(total, quantity, [(unit, unit + 1) for unit in sorted(taken)])

    assert paid == total == first_units(total, quantity, quantity)


@given(st.integers(0, 10**9), st.integers(1, 300))
def test_two_units_of_a_line_differ_by_one_minor_unit_at_most(total, quantity):
    shares = {units.worth(total, quantity, [(unit, unit + 1)]) for unit in range(quantity)}

    assert max(shares) - min(shares) <= 1


@given(st.integers(1, 200), st.lists(st.integers(1, 40), max_size=12))
def test_units_that_are_claimed_one_after_the_other_never_overlap(quantity, wishes):
    claimed: set[int] = set()
    for wanted in wishes:
        spans = units.lowest_free(_spans(claimed), quantity=quantity, wanted=wanted)
        fresh = {unit for start, to in spans for unit in range(start, to)}
        assert not fresh & claimed
        assert len(fresh) == units.count(spans) == min(wanted, quantity - len(claimed))
        claimed |= fresh

    assert claimed <= set(range(quantity))


@given(st.sets(st.integers(0, 60)))
def test_spans_survive_the_way_to_the_database_and_back(taken):
    assert units.from_sql(units.to_sql(_spans(taken))) == _spans(taken)


def _spans(taken):
    spans: list[tuple[int, int]] = []
    for unit in sorted(taken):
        if spans and spans[-1][1] == unit:
            spans[-1] = (spans[-1][0], unit + 1)
        else:
            spans.append((unit, unit + 1))
    return spans
