"""Files of orders on disk, from the page that takes them to the worker that reads them. What is in one is looked at
here: its encoding, what stands between columns, its heading and first rows.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from recoup.kernel.errors import Invalid, NotFound

SIZE_MAX = 20 * 1024 * 1024
COLUMNS_MAX = 200
#: So long a file waits for its sender to go on.
LIVES_S = 86_400
_DELIMITERS = (",", ";", "\t", "|")


class FileRefused(Invalid):
    """The file is no table of orders. Nothing was kept of it."""

    code = "file_refused"
    title = "This file cannot be read as a table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How the file is to be read, its heading, and its first rows."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bytes_in_all: int


def keep(chunks: Iterable[bytes], *, merchant_id: UUID, at: datetime) -> str:
    """The file is on disk, readable by Recoup only; its key. Files that nobody went on with for a day are thrown away.

    Raises FileRefused.
    """
    folder = _folder(merchant_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(folder, at=at)
    key = uuid4().hex
    path = path_of(key, merchant_id=merchant_id)
    size = 0
    try:
        with path.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > SIZE_MAX:
                    raise FileRefused("A file may have up to 20 MB here. Send larger ones with bin/recoup import")
                file.write(chunk)
        look(key, merchant_id=merchant_id)
    except FileRefused:
        path.unlink(missing_ok=True)
        raise
    return key


def path_of(key: str, *, merchant_id: UUID) -> Path:
    """Where the file lies, or lay."""
    return _folder(merchant_id).joinpath(UUID(key).hex)


def remove(key: str, *, merchant_id: UUID) -> None:
    """The file is gone."""
    path_of(key, merchant_id=merchant_id).unlink(missing_ok=True)


def digest(key: str, *, merchant_id: UUID) -> str:
    """Changes when a byte of the file does."""
    with path_of(key, merchant_id=merchant_id).open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def look(key: str, *, merchant_id: UUID, rows: int = 50) -> Table:
    """How the file is to be read. Raises NotFound, FileRefused."""
    path = path_of(key, merchant_id=merchant_id)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound("This file is not here any more; please send it again") from None
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise FileRefused("This is a spreadsheet. Open it, save it as CSV, and send that")
    if b"\x00" in content:
        raise FileRefused("This is no text. Save your orders as CSV, and send that")
    encoding, text = _decoded(content)
    delimiter = max(_DELIMITERS, key=text.split("\n", 1)[0].count)
    try:
        found = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), rows + 1))
    except csv.Error as problem:
        raise FileRefused(f"The file is no table: {problem}") from None
    if len(found) < 2 or len(found[0]) < 3:
        raise FileRefused("The first line has to name the columns, and the lines below have to hold the orders")
    if len(found[0]) > COLUMNS_MAX:
        raise FileRefused(f"The file has more than {COLUMNS_MAX} columns")
    columns = tuple(name.strip() for name in found[0])
    if len(set(columns)) != len(columns):
        raise FileRefused("Two columns have the same name. Rename one of them, and send the file again")
    return Table(
        encoding=encoding,
        delimiter=delimiter,
        columns=columns,
        rows=tuple(tuple(row) for row in found[1:] if row),
        bytes_in_all=len(content),
    )


def _decoded(content: bytes) -> tuple[str, str]:
    try:
        return "utf-8-sig", content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "latin-1", content.decode("latin-1")


def _folder(merchant_id: UUID) -> Path:
    return Path(settings.EVIDENCE_DIR) / "imports" / str(merchant_id)


def _sweep(folder: Path, *, at: datetime) -> None:
    ended = at.timestamp() - LIVES_S
    for path in folder.iterdir():
        if path.stat().st_mtime < ended:
            path.unlink(missing_ok=True)
