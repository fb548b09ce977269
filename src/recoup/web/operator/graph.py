"""A run as a picture: every state in its place, the way that was taken through them numbered, with times.

Worked out on the server; the template only draws. The same stands beside it as a list, for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone

from recoup.operations.queries import Run, Step
from recoup.payments.states import MOVES as PAYOUT_MOVES
from recoup.payments.states import PayoutState
from recoup.refunds.states import ENDED, CaseState
from recoup.refunds.states import MOVES as CASE_MOVES
from recoup.web.operator import wording

WIDTH, HEIGHT = 158, 54
COLUMN, ROW = 226, 104
#: Room around the boxes; above and below also for lines that go around one.
SIDE, ABOVE = 4, 40
#: How far a line keeps away from the straight one when a box is in its way, and when somebody went both ways.
AROUND, ASIDE = 84, 26

#: Column and row of each state: such that the usual ways cross no box.
CASE_PLACES: dict[str, tuple[int, float]] = {
    CaseState.SUBMITTED: (0, 0),
    CaseState.VERIFYING_ORDER: (1, 0),
    CaseState.IN_REVIEW: (1, 2),
    CaseState.AWAITING_RETURN: (1, 3),
    CaseState.NEEDS_EVIDENCE: (1, 4),
    CaseState.PARTLY_APPROVED: (2, 0),
    CaseState.APPROVED: (2, 1),
    CaseState.REJECTED: (2, 2.5),
    CaseState.APPEALED: (2, 3.5),
    CaseState.EXPIRED: (3, 0.5),
    CaseState.CLOSED: (3, 2.5),
    CaseState.WITHDRAWN: (3, 3.5),
}
PAYOUT_PLACES: dict[str, tuple[int, float]] = {
    PayoutState.QUEUED: (0, 0),
    PayoutState.SUBMITTING: (1, 0),
    PayoutState.PROVIDER_PENDING: (2, 0),
    PayoutState.SUCCEEDED: (3, 0),
    PayoutState.AWAITING_MERCHANT_FUNDS: (0, 1),
    PayoutState.UNKNOWN: (1, 1),
    PayoutState.FAILED: (2, 1),
    PayoutState.REVERSED: (3, 1),
    PayoutState.CANCELED: (1, 2),
}
Point = tuple[float, float]
Moves = Mapping[str, frozenset[str]]
_PAID_OUT = frozenset({PayoutState.SUCCEEDED, PayoutState.CANCELED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A state's box. `kind`: past, now, next (it can go there) or not (neither). `note`: when it came there last, and
    how long it stayed.
    """

    x: float
    y: float
    words: str
    note: str
    kind: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A line from one box to another. `number`: which step it was, such as `2`, or `2, 4`."""

    path: str
    number: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The picture of one run."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A step in words: its number, the state, when it began, and how long it lasted."""

    number: int
    words: str
    since: datetime
    stayed: str


def of_run(run: Run) -> Graph:
    """The picture of a case's run, or of a payment's."""
    if run.queue == "cases":
        ended: frozenset[str] = frozenset(map(str, ENDED))
        return _drawn(run, places=CASE_PLACES, words=wording.CASE_STATES, moves=_texts(CASE_MOVES), ended=ended)
    ended = frozenset(map(str, _PAID_OUT))
    return _drawn(run, places=PAYOUT_PLACES, words=wording.PAYOUT_STATES, moves=_texts(PAYOUT_MOVES), ended=ended)


def in_words(run: Run) -> list[Told]:
    """The same as a list."""
    words = wording.CASE_STATES if run.queue == "cases" else wording.PAYOUT_STATES
    return [
        Told(
            number=number,
            words=words.get(step.state, wording.plain(step.state)),
            since=step.since,
            stayed=wording.took(step.stayed),
        )
        for number, step in enumerate(run.steps, start=1)
    ]


def _texts(moves: Mapping[CaseState, frozenset[CaseState]] | Mapping[PayoutState, frozenset[PayoutState]]) -> Moves:
    return {str(state): frozenset(map(str, after)) for state, after in moves.items()}


def _drawn(
    run: Run,
    *,
    places: Mapping[str, tuple[int, float]],
    words: Mapping[str, str],
    moves: Moves,
    ended: frozenset[str],
) -> Graph:
    boxes = {state: _box(places[state]) for state in places}
    coming = frozenset() if run.state in ended else moves.get(run.state, frozenset())
    steps = _from_the_start(run)
    nodes = tuple(_node(state, box, run, words[state], coming=coming) for state, box in boxes.items())
    taken: dict[tuple[str, str], list[int]] = {}
    for number, (state, follower) in steps:
        taken.setdefault((state, follower), []).append(number)
    edges = tuple(
        _edge(a, b, boxes, is_both_ways=(b, a) in taken, number=", ".join(map(str, numbers)))
        for (a, b), numbers in taken.items()
        if a in boxes and b in boxes
    )
    width = max(x for x, _ in boxes.values()) + WIDTH + SIDE
    return Graph(nodes=nodes, edges=edges, width=width, height=max(y for _, y in boxes.values()) + HEIGHT + ABOVE)


def _from_the_start(run: Run) -> list[tuple[int, tuple[str, str]]]:
    """Each move with the number of the step that it led to. What was judged as it came in went there at once."""
    states = [step.state for step in run.steps]
    first = [(1, (str(CaseState.SUBMITTED), states[0]))] if _was_judged_at_once(run) else []
    return first + list(enumerate(pairwise(states), start=2))


def _was_judged_at_once(run: Run) -> bool:
    return run.queue == "cases" and bool(run.steps) and run.steps[0].state != CaseState.SUBMITTED


def _box(place: tuple[int, float]) -> Point:
    column, row = place
    return SIDE + column * COLUMN, ABOVE + row * ROW


def _node(state: str, box: Point, run: Run, words: str, *, coming: frozenset[str]) -> Node:
    stays = [step for step in run.steps if step.state == state]
    if state == CaseState.SUBMITTED and _was_judged_at_once(run):
        return Node(x=box[0], y=box[1], words=words, note="judged at once", kind="past")
    kind = "now" if state == run.state else "past" if stays else "next" if state in coming else "not"
    return Node(x=box[0], y=box[1], words=words, note=_note(stays), kind=kind)


def _note(stays: Sequence[Step]) -> str:
    if not stays:
        return ""
    last = stays[-1].since.astimezone(timezone.get_current_timezone())
    lasted = [step.stayed for step in stays if step.stayed is not None]
    told = wording.took(sum(lasted, timedelta())) if len(lasted) == len(stays) else ""
    return f"{last:%H:%M:%S}{f' · {told}' if told else ''}"


def _edge(a: str, b: str, boxes: Mapping[str, Point], *, is_both_ways: bool, number: str) -> Edge:
    start, end = _middle(boxes[a]), _middle(boxes[b])
    others = [_middle(box) for state, box in boxes.items() if state not in (a, b)]
    # To the left of the way first, so that there and back are two lines; then whatever runs behind fewest boxes.
    asides = ([] if is_both_ways else [0]) + [
        ASIDE,
        *(side * far * AROUND for far in (1, 1.6, 2.2, 2.8) for side in (1, -1)),
    ]
    bends = [_bend(start, end, aside) for aside in asides]
    bend = min(bends, key=lambda one: _touched(start, one, end, others))
    (sx, sy), (tx, ty) = _border(start, bend), _border(end, bend)
    x, y = _on_the_way((sx, sy), bend, (tx, ty), 0.5)
    path = f"M{sx:.1f} {sy:.1f}Q{bend[0]:.1f} {bend[1]:.1f} {tx:.1f} {ty:.1f}"
    return Edge(path=path, number=number, x=round(x, 1), y=round(y, 1))


def _middle(box: Point) -> Point:
    return box[0] + WIDTH / 2, box[1] + HEIGHT / 2


def _bend(start: Point, end: Point, aside: float) -> Point:
    """The point that pulls the line away from the straight one."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(1.0, (dx**2 + dy**2) ** 0.5)
    return (start[0] + end[0]) / 2 + dy / length * aside, (start[1] + end[1]) / 2 - dx / length * aside


def _on_the_way(start: Point, bend: Point, end: Point, part: float) -> Point:
    rest = 1 - part
    x, y = (rest * rest * start[axis] + 2 * rest * part * bend[axis] + part * part * end[axis] for axis in (0, 1))
    return x, y


def _touched(start: Point, bend: Point, end: Point, others: Sequence[Point]) -> int:
    """How many points of the line lie in one of the boxes in whose middles `others` are, or outside the picture."""
    points = [_on_the_way(start, bend, end, place / 24) for place in range(1, 24)]
    return sum(
        x < 0 or y < 0 or any(abs(x - ox) < WIDTH / 2 + 2 and abs(y - oy) < HEIGHT / 2 + 2 for ox, oy in others)
        for x, y in points
    )


def _border(middle: Point, towards: Point) -> Point:
    """Where the line from a box's middle leaves the box, with a little air for the arrow's head."""
    dx, dy = towards[0] - middle[0], towards[1] - middle[1]
    if not dx and not dy:
        return middle
    scale = min(
        (WIDTH / 2 + 3) / abs(dx) if dx else float("inf"), (HEIGHT / 2 + 3) / abs(dy) if dy else float("inf"), 1.0
    )
    return middle[0] + dx * scale, middle[1] + dy * scale
