"""A small HTTP/1.1 server on asyncio, because the practice world must do what good servers refuse to do.

A payment provider that drops the connection after it has moved the money, cuts its answer after 40 bytes or answers
only once its webhook was heard needs its hands on the socket. One request at a time per connection, keep-alive,
loopback only.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from recoup_sandbox.http_messages import BadRequest, DropConnection, Request, Response, json_response, take_request

Handler = Callable[[Request], Awaitable[Response]]
LOOPBACK = "127.0.0.1"
log = logging.getLogger(__name__)


class Routes:
    """Which handler answers which method and path; `{name}` in a path matches one segment."""

    def __init__(self) -> None:
        self._fixed: dict[tuple[str, str], Handler] = {}
        self._open: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Answer `method path` with `handler` from now on."""
        if "{" not in path:
            self._fixed[method, path] = handler
            return
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
        self._open.append((method, re.compile(pattern + r"\Z"), handler))

    def find(self, request: Request) -> Handler | None:
        """The handler of a request; fills `request.parts` with the named segments."""
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._fixed.get((method, request.path))
        if handler is not None:
            return handler
        for wanted, pattern, handler in self._open:
            match = pattern.match(request.path) if wanted == method else None
            if match:
                request.parts = match.groupdict()
                return handler
        return None


async def serve(handler: Handler, *, port: int) -> "Server":
    """Listen on loopback; port 0 lets the system choose (see `Server.port`)."""
    open_connections: set[_Connection] = set()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: _Connection(handler, open_connections), LOOPBACK, port, backlog=1024, reuse_address=True
    )
    return Server(listener, open_connections)


class Server:
    """A listening server that can be stopped without cutting off who is being answered."""

    def __init__(self, listener: asyncio.Server, connections: "set[_Connection]") -> None:
        self._listener = listener
        self._connections = connections
        self.port: int = listener.sockets[0].getsockname()[1]

    async def stop(self, *, patience_s: float = 2.0) -> None:
        """Stop listening, let running requests end for at most `patience_s`, then close every connection."""
        self._listener.close()
        running = [connection.task for connection in self._connections if connection.task]
        if running:
            await asyncio.wait(running, timeout=patience_s)
        for connection in list(self._connections):
            connection.transport.abort()


class _Connection(asyncio.Protocol):
    """One caller: reads requests in order, answers them in order."""

    transport: asyncio.Transport

    def __init__(self, handler: Handler, connections: "set[_Connection]") -> None:
        self._handler = handler
        self._connections = connections
        self._buffer = bytearray()
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self.task is None:
            self._next()

    def _next(self) -> None:
        try:
            request = take_request(self._buffer)
        except BadRequest as error:
            self._send(json_response({"error": {"message": str(error)}}, status=400), close=True)
            return
        if isinstance(request, Request):
            self.task = asyncio.get_running_loop().create_task(self._answer(request))
        elif request == 100:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def _answer(self, request: Request) -> None:
        close = request.headers.get("connection", "").lower() == "close"
        try:
            response = await self._handler(request)
        except DropConnection:
            self.transport.abort()
            return
        except BadRequest as error:
            response = json_response({"error": {"message": str(error)}}, status=400)
        except Exception:
            log.exception("%s %s broke", request.method, request.path)
            response = json_response({"error": {"message": "the practice program has a fault of its own"}}, status=500)
        finally:
            self.task = None
        self._send(response, close=close, head_only=request.method == "HEAD")
        if self._buffer and not self.transport.is_closing():
            self._next()

    def _send(self, response: Response, *, close: bool, head_only: bool = False) -> None:
        if self.transport.is_closing():
            return
        wire = response.wire(close=close, head_only=head_only)
        if response.cut_after_bytes is not None:
            self.transport.write(wire[: response.cut_after_bytes])
            self.transport.close()
            return
        self.transport.write(wire)
        if close:
            self.transport.close()
