"""The ASGI application of the live program: a hub that listens to the database once and rings for many pages.

Nothing is kept for a slow page: it has one bell, which is rung or not, so a thousand changes cost it one event. The
heart beats from the event loop that serves the pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import structlog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402

from recoup.access.limits import network_of  # noqa: E402
from recoup.config import log as logs  # noqa: E402
from recoup.events import live, queries  # noqa: E402
from recoup.kernel import signs  # noqa: E402
from recoup.kernel.clock import now  # noqa: E402
from recoup.kernel.heartbeat import beat  # noqa: E402
from recoup.kernel.ids import uuid7  # noqa: E402
from recoup.web import headers as headers_of  # noqa: E402
from recoup.web.routes import Kind  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PAGES_MAX = int(os.environ.get("RECOUP_LIVE_PAGES_MAX", "2000"))
#: Of one address; hundreds of shoppers may stand behind that of a mobile network.
PAGES_OF_ONE_MAX = int(os.environ.get("RECOUP_LIVE_PAGES_OF_ONE_MAX", "500"))
KEEP_ALIVE_S = 15.0
#: A page that does not take a byte for so long is gone.
SLOW_PAGE_S_MAX = 20.0
#: A stream ends now and then; the page opens the next one by itself.
STREAM_S_MAX = 900.0
RECONNECT_MS = 3000

logs.set_up("live")
log = structlog.get_logger(__name__)


class Bell:
    """One open page's bell, and how often it has been rung."""

    __slots__ = ("_event", "count")

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.count = 0

    def ring(self) -> None:
        self.count += 1
        self._event.set()

    async def rung(self, within_s: float) -> bool:
        """True as soon as it was rung since the last time; False when it was not in that time."""
        try:
            await asyncio.wait_for(self._event.wait(), within_s)
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Hub:
    """All bells, by case. Listens on one connection; while that is away, pages look again by themselves."""

    def __init__(self) -> None:
        self._bells: defaultdict[UUID, set[Bell]] = defaultdict(set)
        self._tasks: list[asyncio.Task[None]] = []
        self.page_count = 0
        self.pages_of: Counter[str] = Counter()
        self.is_listening = False
        self._said_at = datetime.min.replace(tzinfo=UTC)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(_keep_beating())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextlib.contextmanager
    def watching(self, case_id: UUID, *, address: str) -> Any:
        """A bell for one page, as long as the page is there."""
        bell = Bell()
        self._bells[case_id].add(bell)
        self.page_count += 1
        self.pages_of[address] += 1
        try:
            yield bell
        finally:
            self.page_count -= 1
            self.pages_of[address] -= 1
            if not self.pages_of[address]:
                del self.pages_of[address]
            self._bells[case_id].discard(bell)
            if not self._bells[case_id]:
                del self._bells[case_id]

    def _ring(self, _: Any, __: int, ___: str, payload: str) -> None:
        with contextlib.suppress(ValueError):
            for bell in self._bells.get(UUID(payload), ()):
                bell.ring()

    def _ring_all(self) -> None:
        """Nobody knows what was missed while nobody listened."""
        for bells in self._bells.values():
            for bell in bells:
                bell.ring()

    async def _listen(self) -> None:
        rest_s = 0.2
        while True:
            began_at = asyncio.get_running_loop().time()
            try:
                await self._listen_once()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
                log.warning("listener_lost", why=type(problem).__name__)
            rest_s = 0.2 if asyncio.get_running_loop().time() - began_at > 10 else min(5.0, rest_s * 2)
            await asyncio.sleep(rest_s)

    async def _listen_once(self) -> None:
        lost = asyncio.Event()
        listener = await asyncpg.connect(
            os.environ["RECOUP_DATABASE_URL"],
            timeout=5,
            command_timeout=5,
            server_settings={"application_name": "live"},
        )
        try:
            listener.add_termination_listener(lambda _: lost.set())
            await listener.add_listener(live.CHANNEL, self._ring)
            self.is_listening = True
            self._ring_all()
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), 2)
                await self._say_so(listener)
        finally:
            self.is_listening = False
            listener.terminate()

    async def _say_so(self, listener: asyncpg.Connection) -> None:
        """The listener still hears; now and then the operator is told so."""
        at = now()
        if (at - self._said_at).total_seconds() < signs.EVERY_S:
            await listener.fetchval("SELECT 1")
            return
        self._said_at = at
        await listener.execute(
            signs.numbered(signs.NOTE), signs.name("live", "pages"), "live", "pages", signs.place(), at, at
        )


async def _keep_beating() -> None:
    while True:
        beat("live")
        await asyncio.sleep(1)


hub = Hub()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Streams for pages, and the door's own health."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] != "http":
        return
    path, method = scope["path"], scope["method"]
    if path == "/healthz" and method in ("GET", "HEAD"):
        told = {"ok": hub.is_listening, "program": "live", "pages": hub.page_count}
        status = 200 if hub.is_listening else 503
        await _answer(send, status, json.dumps(told).encode(), ("content-type", "application/json"))
    elif path.startswith("/cases/") and path.endswith("/events") and method == "GET":
        await _stream(scope, receive, send)
    else:
        await _answer(send, 404, b"")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            hub.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await hub.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _stream(scope: Scope, receive: Receive, send: Send) -> None:
    tickets = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("ticket", [])
    case_id = queries.case_of_ticket(tickets[0]) if tickets else None
    if case_id is None:
        await _answer(send, 204, b"")  # the one answer after which a browser does not ask again
        return
    if hub.page_count >= PAGES_MAX:
        await _answer(send, 503, b"", ("retry-after", "30"))
        return
    address = network_of(scope["client"][0] if scope.get("client") else "")
    if hub.pages_of[address] >= PAGES_OF_ONE_MAX:
        await _answer(send, 429, b"", ("retry-after", "30"))
        return
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"x-accel-buffering", b"no"),
        *_for_pages(),
    ]
    with hub.watching(case_id, address=address) as bell:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        leaving = asyncio.create_task(_gone(receive))
        telling = asyncio.create_task(_tell(bell, send))
        _, unfinished = await asyncio.wait({leaving, telling}, return_when=asyncio.FIRST_COMPLETED)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(leaving, telling, return_exceptions=True)


async def _tell(bell: Bell, send: Send) -> None:
    """Rings and keep-alives until the stream has lasted long enough, or the page no longer takes them."""
    ends_at = asyncio.get_running_loop().time() + STREAM_S_MAX
    words = f"retry: {RECONNECT_MS}\n: open\n\n"
    while asyncio.get_running_loop().time() < ends_at:
        await asyncio.wait_for(_write(send, words), SLOW_PAGE_S_MAX)
        is_rung = await bell.rung(KEEP_ALIVE_S)
        words = f"event: changed\ndata: {bell.count}\n\n" if is_rung else ": still here\n\n"
    await _write(send, ": until soon\n\n", is_last=True)


async def _write(send: Send, words: str, *, is_last: bool = False) -> None:
    await send({"type": "http.response.body", "body": words.encode(), "more_body": not is_last})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, body: bytes, *headers: tuple[str, str]) -> None:
    told = [(name.encode(), value.encode()) for name, value in headers]
    told += [(b"content-length", str(len(body)).encode()), *_for_pages()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})


def _for_pages() -> list[tuple[bytes, bytes]]:
    """Only Recoup's own pages may read the stream; they stand on another port, so a browser asks."""
    parts = urlsplit(settings.PUBLIC_URL)
    told = {
        **headers_of.of_kind(Kind.STREAM),
        "X-Request-Id": str(uuid7()),
        "Access-Control-Allow-Origin": f"{parts.scheme}://{parts.netloc}",
        "Access-Control-Allow-Credentials": "true",
    }
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]
