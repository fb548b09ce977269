"""Just enough of an HTTP client to post webhooks: keep-alive connections to loopback, one answer status back."""

import asyncio
from urllib.parse import urlsplit

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
IDLE_CONNECTIONS_MAX = 8
ANSWER_BYTES_MAX = 1024 * 1024


class NotDelivered(Exception):
    """Nobody answered in time, or not in HTTP."""


class Poster:
    """Posts bodies and keeps connections for the next ones."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int], list[_Connection]] = {}

    async def post(self, url: str, body: bytes, headers: dict[str, str], *, timeout_s: float) -> int:
        """Returns the status of the answer. Raises NotDelivered."""
        parts = urlsplit(url)
        address = (parts.hostname or "127.0.0.1", parts.port or 80)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        wire = "\r\n".join([*lines, "\r\n"]).encode() + body
        try:
            return await asyncio.wait_for(self._exchange(address, wire), timeout_s)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError) as error:
            raise NotDelivered(f"{url}: {type(error).__name__} {error}") from None

    def close(self) -> None:
        for connections in self._idle.values():
            for _, writer in connections:
                writer.close()
        self._idle.clear()

    async def _exchange(self, address: tuple[str, int], wire: bytes) -> int:
        connection = self._waiting_connection(address)
        if connection:
            try:
                return await self._ask(address, connection, wire)
            except (OSError, asyncio.IncompleteReadError):
                pass  # the other side had closed it meanwhile: once more on a fresh one
        return await self._ask(address, await asyncio.open_connection(*address), wire)

    def _waiting_connection(self, address: tuple[str, int]) -> _Connection | None:
        idle = self._idle.get(address, [])
        while idle:
            reader, writer = idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    async def _ask(self, address: tuple[str, int], connection: _Connection, wire: bytes) -> int:
        reader, writer = connection
        is_reusable = False
        try:
            writer.write(wire)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(head[0].split(" ")[1])
            fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head)}
            length = int(fields.get("content-length", "-1"))
            if 0 <= length <= ANSWER_BYTES_MAX:
                await reader.readexactly(length)
                is_reusable = fields.get("connection", "").lower() != "close"
            elif status == 204:
                is_reusable = True
            return status
        finally:
            idle = self._idle.setdefault(address, [])
            if is_reusable and len(idle) < IDLE_CONNECTIONS_MAX:
                idle.append(connection)
            else:
                writer.close()
