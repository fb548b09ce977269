"""Opening files, packed by gzip or not, with a look at how far we are, and finding the files of a folder."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from recoup.kernel.errors import Refusal

_GZIP = b"\x1f\x8b"


class SourceMissing(Refusal):
    """There is no such file, or no file of the folder fits the mapping."""

    code = "source_missing"
    status = 404
    title = "There is nothing to import"


class SourceUnreadable(Refusal):
    """A file is not what the mapping says: another encoding, no JSON, packed and cut off."""

    code = "source_unreadable"
    status = 422
    title = "A file cannot be read"


class Followed(io.RawIOBase):
    """A file that tells how many of its bytes were read, packed bytes of a packed one."""

    def __init__(self, path: Path, heard: Callable[[int], None]) -> None:
        self._file = path.open("rb", buffering=0)
        self._heard = heard

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._file.readinto(buffer) or 0
        self._heard(count)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def files_of(paths: Sequence[Path], pattern: str) -> list[Path]:
    """The files themselves, and of a folder those whose names fit the pattern. Raises SourceMissing."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob(pattern))
            if not inside:
                raise SourceMissing(f"{path} has no file {pattern}")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise SourceMissing(f"there is no file {path}")
    return found


def opened(path: Path, *, encoding: str = "utf-8", heard: Callable[[int], None] = lambda _: None) -> io.TextIOWrapper:
    """The text of the file, unpacked where it is packed. Lines end as they do in the file (the csv module's wish)."""
    raw = io.BufferedReader(Followed(path, heard), buffer_size=256 * 1024)
    is_packed = raw.peek(2)[:2] == _GZIP
    data: Any = gzip.GzipFile(fileobj=raw) if is_packed else raw
    return io.TextIOWrapper(data, encoding=encoding, newline="")


def digest(paths: Sequence[Path]) -> str:
    """Changes when a byte of a file does."""
    total = hashlib.blake2b(digest_size=16)
    for path in paths:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "blake2b").digest())
    return total.hexdigest()
