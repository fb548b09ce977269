"""What stands between granian and the threads of a worker: a request comes to a thread when all of it is there.

A thread that waits for a slow sender serves nobody. So bodies are received on the event loop, each within its time and
size (web/routes.py), and what is too slow, too large or says two things at once goes to a thread as a refusal, which is
answered like any other. Answers are given to granian whole: a slow reader holds no thread either.

granian itself closes connections whose headers take longer than `web.HEADERS_S_MAX`, and idle ones after the same time.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import queue
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import IO, Any

import structlog
from granian._granian import RSGIProtocolClosed

from recoup.kernel.errors import Refusal
from recoup.web import proxies, routes
from recoup.web.routes import KIB, MIB, REFUSED, BodyTooLarge

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

HEADER_BYTES_MAX = 32 * KIB
#: Whoever has been sending for longer than this must have sent a kilobyte for each second beyond it.
GRACE_S = 15.0
RATE_BYTES_MIN = KIB
#: A body up to this size is received in one go and kept in memory; of a larger one, what exceeds a megabyte is a file.
SMALL_BYTES, IN_MEMORY_BYTES = 64 * KIB, MIB
#: What a worker holds of bodies that have come and are not answered yet; and what of it may come from one address.
HELD_BYTES_MAX, HELD_OF_ONE_MAX = 512 * MIB, 128 * MIB
WAITING_MAX = 2048
#: Said twice, these could be read one way here and another way in front of us.
_ONCE = frozenset(
    "authorization content-encoding content-length content-type host idempotency-key origin transfer-encoding".split()
)
_BASE: Environ = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}

log = structlog.get_logger(__name__)


class TooSlow(Refusal):
    """The rest of the request did not come in time."""

    code = "too_slow"
    status = 408
    title = "Your request came too slowly; nothing was done with it"


class TwoMeanings(Refusal):
    """The request can be read in more than one way, so it is not read."""

    code = "malformed_request"
    status = 400
    title = "The request contradicts itself"


class LengthRequired(Refusal):
    """A body in chunks, whose size nobody knows before all of it has come."""

    code = "length_required"
    status = 411
    title = "Say how long the body is: Content-Length, without Transfer-Encoding"


class HeadersTooLarge(Refusal):
    """More is said about the request than any request needs."""

    code = "headers_too_large"
    status = 431
    title = "The request's headers are too large"


class Busy(Refusal):
    """More has come than can be held."""

    code = "try_again"
    status = 503
    title = "Recoup is busy; nothing was done. Send the same request with the same key again in a few seconds"


class Gate:
    """An RSGI application that gives whole requests to the threads of a WSGI application."""

    def __init__(self, application: Wsgi, *, threads: int) -> None:
        self._application = application
        self._threads = threads
        self._waiting: queue.SimpleQueue[tuple[Environ, Any, Callable[[], object]]] = queue.SimpleQueue()
        self._held: Counter[str] = Counter()
        self._held_in_all = 0

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The threads are there before the first request. Called by granian."""
        self._loop = loop
        for number in range(self._threads):
            threading.Thread(target=self._serve, name=f"serving-{number}", daemon=True).start()

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """One request: received, served by a thread, answered."""
        environ = environ_of(scope)
        arrival = _Arrival(self, environ["REMOTE_ADDR"])
        try:
            if REFUSED not in environ:
                await _receive(environ, proto, arrival)
        except Refusal as refusal:
            environ[REFUSED] = refusal
        if self._waiting.qsize() >= WAITING_MAX:
            proto.response_empty(503, [("retry-after", "5"), ("connection", "close")])
            arrival.leave()
            return
        done = self._loop.create_future()
        self._waiting.put((environ, proto, lambda: self._loop.call_soon_threadsafe(_settle, done)))
        try:
            await done
        finally:
            arrival.leave()

    def hold(self, address: str, bytes_count: int) -> None:
        """So much more of that address lies here. Raises Busy."""
        if self._held_in_all + bytes_count > HELD_BYTES_MAX or self._held[address] + bytes_count > HELD_OF_ONE_MAX:
            log.warning("bodies_held_back", in_all=self._held_in_all)
            raise Busy
        self._held_in_all += bytes_count
        self._held[address] += bytes_count

    def let_go(self, address: str, bytes_count: int) -> None:
        """So much of it is gone."""
        self._held_in_all -= bytes_count
        self._held[address] -= bytes_count
        if not self._held[address]:
            del self._held[address]

    def _serve(self) -> None:
        while True:
            environ, proto, tell = self._waiting.get()
            try:
                _answer(self._application, environ, proto)
            except Exception:
                log.exception("request_broke")
                with contextlib.suppress(Exception):
                    proto.response_empty(500, [("connection", "close")])
            finally:
                environ.clear()
                with contextlib.suppress(RuntimeError):
                    tell()


class _Arrival:
    """How much of one request lies here."""

    __slots__ = ("_address", "_gate", "bytes_count")

    def __init__(self, gate: Gate, address: str) -> None:
        self._gate, self._address, self.bytes_count = gate, address, 0

    def hold(self, bytes_count: int) -> None:
        self._gate.hold(self._address, bytes_count)
        self.bytes_count += bytes_count

    def leave(self) -> None:
        if self.bytes_count:
            self._gate.let_go(self._address, self.bytes_count)
            self.bytes_count = 0


def environ_of(scope: Any) -> Environ:
    """The request's head as WSGI tells it. What it should be refused for stands in it under `REFUSED`."""
    environ = _BASE.copy()
    server, _, port = scope.server.rpartition(":")
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = scope.path.encode().decode("latin-1")
    environ["QUERY_STRING"] = scope.query_string
    environ["SERVER_PROTOCOL"] = f"HTTP/{scope.http_version}"
    environ["SERVER_NAME"], environ["SERVER_PORT"] = server.strip("[]"), port
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    environ["wsgi.url_scheme"] = scope.scheme
    environ["wsgi.input"] = io.BytesIO()
    bytes_count = len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"])
    for name, value in scope.headers.items():
        bytes_count += len(name) + len(value)
        if "_" in name:  # `X_Forwarded_For` would be taken for `X-Forwarded-For`
            continue
        key = _key_of(name)
        if key not in environ:
            environ[key] = value
        elif name in _ONCE:
            environ[REFUSED] = TwoMeanings(f"{name.title()} is said twice")
        else:
            environ[key] += ("; " if name == "cookie" else ",") + value
    if bytes_count > HEADER_BYTES_MAX:
        environ[REFUSED] = HeadersTooLarge(f"At most {HEADER_BYTES_MAX // KIB} KiB")
    elif "HTTP_HOST" not in environ and scope.http_version == "1.1":
        environ[REFUSED] = TwoMeanings("Host is missing")
    elif scope.authority is not None and scope.authority != environ.get("HTTP_HOST"):
        environ[REFUSED] = TwoMeanings("Host and the address differ")
    proxies.look_behind(environ)
    return environ


_keys: dict[str, str] = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def _key_of(name: str) -> str:
    key = _keys.get(name)
    if key is None:
        key = "HTTP_" + name.upper().replace("-", "_")
        if len(_keys) < 500:
            _keys[name] = key
    return key


async def _receive(environ: Environ, proto: Any, arrival: _Arrival) -> None:
    """`wsgi.input` and `CONTENT_LENGTH` tell the body, all of which is there. Raises Refusal."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise LengthRequired
    announced = environ.get("CONTENT_LENGTH", "0")
    length = int(announced) if announced.isdecimal() else 0
    if length == 0:
        return
    path = environ["PATH_INFO"]
    allowed = routes.body_of(routes.kind_of(path), path)
    if length > allowed.bytes_max:
        raise BodyTooLarge(f"At most {allowed.bytes_max // KIB} KiB here")
    arrival.hold(length)
    try:
        if length <= SMALL_BYTES:
            async with asyncio.timeout(GRACE_S):
                body: bytes = await proto()
            environ["wsgi.input"], received = io.BytesIO(body), len(body)
        else:
            environ["wsgi.input"], received = await _in_pieces(proto, allowed)
    except TimeoutError:
        raise TooSlow from None
    except RSGIProtocolClosed:
        received = -1
    if received != length:
        raise TwoMeanings("The body ends before its Content-Length")


async def _in_pieces(proto: Any, allowed: routes.Body) -> tuple[IO[bytes], int]:
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - the view reads it
    began, received = asyncio.get_running_loop().time(), 0
    async with asyncio.timeout(GRACE_S) as time_left:
        async for piece in proto:
            received += len(piece)
            spool.write(piece)
            time_left.reschedule(began + min(allowed.seconds_max, GRACE_S + received / RATE_BYTES_MIN))
    spool.seek(0)
    return spool, received


def _answer(application: Wsgi, environ: Environ, proto: Any) -> None:
    """Runs the application in this thread and gives its whole answer to granian."""
    must_close = REFUSED in environ
    told: list[Any] = [500, []]

    def start_response(status: str, headers: list[tuple[str, str]], _problem: Any = None) -> None:
        told[:] = int(status[:3]), headers

    answer = application(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    status, headers = told
    headers.append(("server", "Recoup"))
    if must_close:
        headers.append(("connection", "close"))
    if body:
        proto.response_bytes(status, headers, body)
    else:
        proto.response_empty(status, headers)


def _settle(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
