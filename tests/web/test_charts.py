"""Pictures of numbers: nothing sticks out, nothing is lost, and a scale ends at a round number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.web.staff import charts

LEGEND = (("plain", "a"), ("hollow", "b"))
PIECES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=60)


@given(PIECES)
def test_every_piece_stands_on_the_floor_or_on_the_one_below_and_inside_the_picture(pieces):
    chart = charts.stacked([("one", "", piece) for piece in pieces], legend=LEGEND)

    assert chart.has_anything is any(sum(piece) for piece in pieces)
    for column, piece in zip(chart.columns, pieces, strict=True):
        assert tuple(part.value for part in column.parts) == piece
        assert column.x >= charts.LEFT
        assert column.x + column.width <= charts.WIDTH + 0.1
        below = float(chart.floor)
        for part in column.parts:
            assert part.y + part.height == pytest.approx(below, abs=0.2)
            assert 0 <= part.y <= below + 0.1
            below = part.y


@given(st.integers(0, 10**9))
def test_a_scale_holds_its_highest_value_and_does_not_waste_the_picture(highest):
    end = charts.scale(highest)

    assert end >= highest
    assert end == 1 or end < 2.1 * max(highest, 1)
    assert end == 1 or end % 2 == 0


def test_rows_are_as_long_as_their_number_beside_the_highest_and_never_nothing():
    found = charts.bars([("a", "A", "", 200, ""), ("b", "B", "", 50, ""), ("c", "C", "", 0, "")])

    assert [bar.percent for bar in found] == [100, 25, 1]
    assert charts.bars([]) == ()
