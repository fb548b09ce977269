"""What an import has to say about rows of a source: kept with a remark, left out by rule, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Treated(StrEnum):
    """`kept` rows are part of an order; `left_out` ones are no order, by a rule; `refused` ones are wrong."""

    KEPT = "kept"
    LEFT_OUT = "left_out"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """One remark on one row. `row` counts from 1 in the file, its heading included."""

    file: str
    row: int
    code: str
    treated: Treated
    message: str
    content: Mapping[str, Any]
