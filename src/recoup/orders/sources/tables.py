"""CSV files as order documents."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recoup.orders.documents import OrderDocument
from recoup.orders.mapping.rows import RowMapping
from recoup.orders.mapping.tally import Origin, Tally
from recoup.orders.mapping.values import MappingMistake
from recoup.orders.sources import files


def orders(
    *, paths: Sequence[Path], mapping: Mapping[str, Any], tally: Tally, heard: Callable[[int], None]
) -> Iterator[tuple[OrderDocument, Origin]]:
    """The orders of the files, as of the time each file was written unless the mapping knows better.

    Raises MappingMistake, SourceUnreadable.
    """
    form = mapping.get("csv", {})
    unknown = set(form) - {"delimiter", "quote", "encoding", "columns"}
    if unknown:
        raise MappingMistake(f"csv has no {', '.join(sorted(unknown))}: delimiter, quote, encoding, columns")
    for path in paths:
        with opened_table(path, form, heard) as text:
            reader = csv.reader(text, delimiter=form.get("delimiter", ","), quotechar=form.get("quote", '"'))
            columns = form.get("columns") or [name.strip() for name in next(reader, [])]
            ready = RowMapping(mapping, columns)
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            first_row = 1 if form.get("columns") else 2
            try:
                for document, origin in ready.orders(reader, file=path.name, first_row=first_row, tally=tally):
                    document.as_of = document.as_of or written_at
                    yield document, origin
            except (UnicodeDecodeError, EOFError, OSError, csv.Error) as problem:
                raise files.SourceUnreadable(f"{path.name} cannot be read: {problem}") from problem


def opened_table(path: Path, form: Mapping[str, Any], heard: Callable[[int], None]) -> Any:
    """The file's text; a byte-order mark is no part of it."""
    encoding = form.get("encoding", "utf-8-sig")
    try:
        return files.opened(path, encoding=encoding, heard=heard)
    except LookupError:
        raise MappingMistake(f"there is no encoding {encoding!r}") from None
