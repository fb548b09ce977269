"""The picture of a run: the way is numbered, no line runs through a box, and what can come next is told apart."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from recoup.payments.states import MOVES as PAYOUT_MOVES
from recoup.refunds.states import MOVES as CASE_MOVES

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def graph(database):
    from recoup.web.operator import graph

    return graph


def run(*states, queue="cases"):
    from recoup.operations.queries import Run, Step

    moments = [NOON + timedelta(seconds=10 * place) for place in range(len(states))]
    steps = tuple(
        Step(state=state, since=at, until=until)
        for state, at, until in zip(states, moments, [*moments[1:], None], strict=True)
    )
    return Run(id=None, queue=queue, steps=steps, next_at=None, tries=0, parked_at=None)


def kinds(picture):
    return {node.words: node.kind for node in picture.nodes}


def test_the_way_is_numbered_as_the_list_is(graph):
    one = run("submitted", "in_review", "rejected", "appealed", "in_review", "approved")

    picture, told = graph.of_run(one), graph.in_words(one)

    assert sorted(edge.number for edge in picture.edges) == ["2", "3", "4", "5", "6"]
    assert [step.number for step in told] == [1, 2, 3, 4, 5, 6]
    assert kinds(picture)["Approved"] == "now"
    assert kinds(picture)["A person decides"] == "past"
    assert kinds(picture)["Closed"] == "next"
    assert kinds(picture)["Waits for photos"] == "not"
    (desk,) = (node for node in picture.nodes if node.words == "A person decides")
    assert desk.note == "12:00:40 · 20 s", "the last time it came there, and how long it was there in all"


def test_what_was_judged_as_it_came_in_goes_on_from_the_start(graph):
    picture = graph.of_run(run("approved", "closed"))

    assert sorted(edge.number for edge in picture.edges) == ["1", "2"]
    assert kinds(picture)["Asked for"] == "past"
    assert "next" not in kinds(picture).values(), "a case that has ended goes nowhere"


def test_somebody_who_went_the_same_way_twice_has_one_line_with_both_numbers(graph):
    picture = graph.of_run(
        run("queued", "submitting", "unknown", "submitting", "unknown", "succeeded", queue="payouts")
    )

    assert sorted(edge.number for edge in picture.edges) == ["2", "3, 5", "4", "6"]
    assert len({edge.path for edge in picture.edges}) == 4, "there and back are two lines"


@pytest.mark.parametrize(
    ("queue", "moves", "named"),
    [("cases", CASE_MOVES, "CASE_PLACES"), ("payouts", PAYOUT_MOVES, "PAYOUT_PLACES")],
)
def test_every_state_has_its_place_and_every_move_a_line_within_the_picture(graph, queue, moves, named):
    assert set(getattr(graph, named)) == set(moves)
    for state, followers in moves.items():
        for follower in followers:
            picture = graph.of_run(run(state, follower, queue=queue))
            (edge,) = (one for one in picture.edges if one.number == "2")
            assert 0 <= edge.x <= picture.width, (state, follower)
            assert 0 <= edge.y <= picture.height, (state, follower)


@pytest.mark.parametrize(
    ("queue", "way"),
    [
        ("cases", "submitted approved closed"),
        ("cases", "submitted in_review approved closed"),
        ("cases", "submitted needs_evidence in_review rejected appealed in_review partly_approved"),
        ("cases", "submitted verifying_order approved in_review approved"),
        ("cases", "submitted awaiting_return in_review approved"),
        ("payouts", "queued submitting succeeded"),
        ("payouts", "queued submitting unknown provider_pending succeeded reversed"),
        ("payouts", "queued submitting failed queued submitting awaiting_merchant_funds canceled"),
    ],
)
def test_the_usual_ways_run_behind_no_box(graph, queue, way):
    places = graph.CASE_PLACES if queue == "cases" else graph.PAYOUT_PLACES
    boxes = {str(state): graph._middle(graph._box(place)) for state, place in places.items()}
    states = way.split()
    for state, follower in pairwise(states):
        edges = graph.of_run(run(state, follower, queue=queue)).edges
        sx, sy, bx, by, tx, ty = map(float, edges[-1].path[1:].replace("Q", " ").split())
        others = [middle for other, middle in boxes.items() if other not in (state, follower)]
        touched = graph._touched((sx, sy), (bx, by), (tx, ty), others)
        assert touched <= 1, f"{state} to {follower}: more than a corner"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0 s"), (0.44, "0.4 s"), (9.9, "9.9 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1 h"), (90000, "1 d 1 h")],
)
def test_how_long_it_took(database, seconds, words):
    from recoup.web.operator import wording

    assert wording.took(timedelta(seconds=seconds)) == words
