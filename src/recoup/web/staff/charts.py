"""Pictures of numbers, worked out on the server: the template only draws. Nothing is told by colour alone, and the
same numbers stand in a table beside each picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 200
#: Room for the numbers at the left and for the words below.
LEFT, BOTTOM = 36, 24
_BAR_SHARE = 0.72
_STEPS = (1, 2, 4, 6, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a column. `pattern` is how it is drawn (css/chart.css): plain, striped, dotted, hollow."""

    pattern: str
    value: int
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One hour or day. `mark` stands below it where there is room."""

    x: float
    width: float
    middle: float
    label: str
    mark: str
    parts: tuple[Part, ...]

    @property
    def told(self) -> str:
        """The column in numbers, for whoever points at it."""
        return f"{self.label}: {', '.join(str(part.value) for part in self.parts)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A value on the scale at the left."""

    y: float
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Columns in pieces. `legend`: (pattern, words) in the order of the pieces, from the bottom up."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    legend: tuple[tuple[str, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT

    @property
    def has_anything(self) -> bool:
        return any(part.value for column in self.columns for part in column.parts)

    @property
    def floor(self) -> int:
        return self.height - BOTTOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of a list with its length in hundredths of the longest one."""

    key: str
    words: str
    note: str
    value: int
    percent: int
    url: str = ""


def stacked(values: Sequence[tuple[str, str, Sequence[int]]], *, legend: Sequence[tuple[str, str]]) -> Chart:
    """A column for each (label, mark, pieces from the bottom up); the scale ends at a round number."""
    highest = scale(max((sum(pieces) for _, _, pieces in values), default=0))
    room = (WIDTH - LEFT) / max(len(values), 1)
    floor = HEIGHT - BOTTOM
    columns = []
    for place, (label, mark, pieces) in enumerate(values):
        top, parts = float(floor), []
        for (pattern, _), value in zip(legend, pieces, strict=True):
            height = value / highest * (floor - 12)
            top -= height
            parts.append(Part(pattern=pattern, value=value, y=round(top, 1), height=round(height, 1)))
        x = LEFT + place * room + room * (1 - _BAR_SHARE) / 2
        columns.append(
            Column(
                x=round(x, 1),
                width=round(room * _BAR_SHARE, 1),
                middle=round(x + room * _BAR_SHARE / 2, 1),
                label=label,
                mark=mark,
                parts=tuple(parts),
            )
        )
    lines = tuple(
        Line(y=round(floor - value / highest * (floor - 12), 1), value=value)
        for value in sorted({0, highest // 2, highest})
    )
    return Chart(columns=tuple(columns), lines=lines, legend=tuple(legend))


def bars(rows: Sequence[tuple[str, str, str, int, str]]) -> tuple[Bar, ...]:
    """(key, words, note, value, address) as rows, each as long as its value is beside the highest."""
    highest = max((value for _, _, _, value, _ in rows), default=0) or 1
    return tuple(
        Bar(key=key, words=words, note=note, value=value, percent=max(1, round(100 * value / highest)), url=url)
        for key, words, note, value, url in rows
    )


def scale(highest: int) -> int:
    """The next round number that a scale can end at, with a whole number in its middle from 2 on."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= highest:
                return step * power
        power *= 10
