"""A small HTTP/1.1 client on asyncio: one kept connection, one request after the other. It costs little processor time,
which matters when it shares two cores with what it measures.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self

#: The server may have hung up, or have been killed in the middle of an answer.
BROKEN = (ConnectionError, asyncio.IncompleteReadError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class Connection:
    """A connection to one address; opened when it is first needed, and again after it broke."""

    def __init__(self, *, host: str, port: int, headers: dict[str, str], seconds_max: float = 30.0) -> None:
        self._host, self._port, self._seconds_max = host, port, seconds_max
        self._fixed = "".join(f"{name}: {value}\r\n" for name, value in {"Host": f"{host}:{port}", **headers}.items())
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def post(self, path: str, body: bytes, *, key: str) -> Answer:
        """The answer to a POST with this Idempotency-Key. Raises what is in BROKEN; then nobody knows what was done."""
        head = (
            f"POST {path} HTTP/1.1\r\n{self._fixed}Content-Type: application/json\r\n"
            f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return await self._ask(head.encode() + body)

    async def get(self, path: str) -> Answer:
        """The answer to a GET. Raises what is in BROKEN."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self._fixed}\r\n".encode())

    def close(self) -> None:
        """Hung up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, message: bytes) -> Answer:
        try:
            async with asyncio.timeout(self._seconds_max):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(self._host, self._port)
                reader, writer = self._streams
                writer.write(message)
                head = await reader.readuntil(b"\r\n\r\n")
                status, length, is_chunked, is_last = _read_head(head)
                body = await (_chunks(reader) if is_chunked else reader.readexactly(length))
        except BROKEN:
            self.close()
            raise
        if is_last:
            self.close()
        return Answer(status, body)


def _read_head(head: bytes) -> tuple[int, int, bool, bool]:
    """Status, length of the body, whether it comes in chunks, whether the server hangs up afterwards."""
    first, _, rest = head.partition(b"\r\n")
    length, is_chunked, is_last = 0, False, False
    for line in rest.split(b"\r\n"):
        name, _, value = line.partition(b":")
        name = name.lower()
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            is_chunked = b"chunked" in value.lower()
        elif name == b"connection":
            is_last = b"close" in value.lower()
    return int(first.split(b" ", 2)[1]), length, is_chunked, is_last


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
        if size == 0:
            return b"".join(parts)
