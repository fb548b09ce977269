"""What happened to every row of an import. Nothing is dropped: read = kept + left out + refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recoup.orders.mapping.notes import Note, Treated


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something stands: file, row, what the row says, and how many rows belong to it."""

    file: str
    row: int
    content: Mapping[str, Any]
    rows: int = 1


class Tally:
    """Counts by code and by treatment; tells every note to `tell`, when somebody listens."""

    def __init__(self, tell: Callable[[Note], None] | None = None) -> None:
        self._tell = tell
        self.rows_read = 0
        self.rows_left_out = 0
        self.rows_refused = 0
        self.codes: Counter[str] = Counter()

    @property
    def is_told(self) -> bool:
        return self._tell is not None

    @property
    def rows_kept(self) -> int:
        return self.rows_read - self.rows_left_out - self.rows_refused

    def note(self, origin: Origin | None, code: str, treated: Treated, message: str) -> None:
        """One row. Without a listener its origin is not needed."""
        self.codes[code] += 1
        if treated is Treated.LEFT_OUT:
            self.rows_left_out += 1
        elif treated is Treated.REFUSED:
            self.rows_refused += 1
        if self._tell is not None and origin is not None:
            self._tell(Note(origin.file, origin.row, code, treated, message, origin.content))

    def refuse_order(self, origin: Origin, code: str, message: str) -> None:
        """All rows of an order."""
        self.codes[code] += 1
        self.rows_refused += origin.rows
        if self._tell is not None:
            self._tell(Note(origin.file, origin.row, code, Treated.REFUSED, message, origin.content))

    def remark(self, origin: Origin, code: str, message: str) -> None:
        """Something about a whole order that is kept."""
        self.note(origin, code, Treated.KEPT, message)
