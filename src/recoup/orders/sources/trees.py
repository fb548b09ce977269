"""JSON files as order documents: an array or object of orders, or one order per line, with other files joined."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from recoup.orders.documents import OrderDocument
from recoup.orders.mapping.tally import Origin, Tally
from recoup.orders.mapping.trees import TreeMapping, walk
from recoup.orders.mapping.values import MappingMistake
from recoup.orders.sources import files


def orders(
    *, paths: Sequence[Path], mapping: Mapping[str, Any], tally: Tally, heard: Callable[[int], None]
) -> Iterator[tuple[OrderDocument, Origin]]:
    """The orders of the files, as of the time each file was written unless the mapping knows better.

    Joined files stand beside the file of the orders. Raises MappingMistake, SourceUnreadable, SourceMissing.
    """
    for path in paths:
        joins = {name: _joined(path.parent, told) for name, told in mapping.get("joins", {}).items()}
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        ready = TreeMapping(mapping, joins, file={"name": path.name, "written_at": written_at})
        for document, origin in ready.orders(_trees(path, mapping, heard), file=path.name, tally=tally):
            document.as_of = document.as_of or written_at
            yield document, origin


def _trees(path: Path, mapping: Mapping[str, Any], heard: Callable[[int], None]) -> Iterator[Any]:
    try:
        with files.opened(path, heard=heard) as text:
            if mapping["format"] == "json_lines":
                yield from (json.loads(line, parse_float=Decimal) for line in text if line.strip())
                return
            found = walk(json.load(text, parse_float=Decimal), mapping.get("each", ""))
    except (ValueError, EOFError, OSError) as problem:
        raise files.SourceUnreadable(f"{path.name} cannot be read: {problem}") from problem
    if isinstance(found, Mapping):
        found = list(found.values())
    if not isinstance(found, list):
        raise MappingMistake(f"there is no list of orders at {mapping.get('each', '')!r} of {path.name}")
    yield from found


def _joined(folder: Path, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The objects of another file by their keys: of a list by the field that `by` names."""
    if not {"file", "key"} <= set(told) <= {"file", "key", "each", "by"}:
        raise MappingMistake(f"a join has file, key, each and by: {dict(told)}")
    (path,) = files.files_of([folder / told["file"]], "*")
    try:
        with files.opened(path) as text:
            found = walk(json.load(text, parse_float=Decimal), told.get("each", ""))
    except (ValueError, EOFError, OSError) as problem:
        raise files.SourceUnreadable(f"{path.name} cannot be read: {problem}") from problem
    if isinstance(found, list):
        return {str(walk(item, told.get("by", "id"))): item for item in found}
    if not isinstance(found, Mapping):
        raise MappingMistake(f"{path.name} holds nothing to join")
    return found
