"""Connections to rails, kept open between calls, each call with a deadline that nothing outlasts.

The official client calls `Lines.request`; it is an HTTP client of a tenth of the usual cost. A call is never repeated
here: an answer that did not come is unknown, and only a look-up may follow it.
"""

from __future__ import annotations

import http.client
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import stripe

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_SECONDS_MAX = 3.0
CALL_SECONDS_MAX = 11.0
#: A connection that has rested longer is not used again: the other side may be about to hang up.
IDLE_SECONDS_MAX = 20.0
ANSWER_BYTES_MAX = 4_000_000


class NotSent(stripe.APIConnectionError):
    """Nobody was reached, so nothing can have been executed."""


@dataclass(frozen=True, slots=True)
class _Busy:
    """A line with a call on it."""

    line: socket.socket
    deadline_s: float


class Lines(stripe.HTTPClient):
    """An HTTP client for `stripe.StripeClient`. Every thread has its own connections."""

    name = "recoup"

    def __init__(self) -> None:
        super().__init__()
        self._own = threading.local()
        self._busy: dict[int, _Busy] = {}
        self._tls = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or stripe.ca_bundle_path)
        self._proxies = getproxies()

    @contextmanager
    def until(self, deadline_s: float) -> Iterator[None]:
        """Every call of this thread inside the block ends before that moment of `now_s`."""
        self._own.deadline_s = deadline_s
        try:
            yield
        finally:
            self._own.deadline_s = None

    def cut_overdue(self) -> int:
        """Hang up on answers that drip past their deadline. Called from the main loop; gives how many."""
        overdue = [busy for busy in list(self._busy.values()) if busy.deadline_s < now_s()]
        for busy in overdue:
            with suppress(OSError):
                busy.line.shutdown(socket.SHUT_RDWR)
        return len(overdue)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """The answer's body, status and headers. Raises NotSent or stripe.APIConnectionError."""
        place = urlsplit(url)
        target = f"{place.path}?{place.query}" if place.query else place.path
        deadline_s = getattr(self._own, "deadline_s", None) or now_s() + CALL_SECONDS_MAX
        connection = self._connected(place.scheme, place.netloc, deadline_s)
        line: socket.socket = connection.sock
        me = threading.get_ident()
        self._busy[me] = _Busy(line, deadline_s)
        try:
            connection.request(method.upper(), target, body=post_data, headers=dict(headers or {}))
            answer = connection.getresponse()
            body = answer.read(ANSWER_BYTES_MAX)
            is_whole = answer.isclosed()
        except (OSError, http.client.HTTPException, ValueError) as problem:
            connection.close()
            raise _silence(f"no answer: {type(problem).__name__}") from problem
        finally:
            del self._busy[me]
        if answer.will_close or not is_whole:
            connection.close()
        if not is_whole:
            raise _silence("the answer was longer than any answer is")
        self._own.rested_at_s = now_s()
        return body, answer.status, cast("Mapping[str, str]", answer.headers)

    def close(self) -> None:
        """This thread's connections are closed."""
        for connection in self._connections().values():
            connection.close()
        self._connections().clear()

    def _connections(self) -> dict[tuple[str, str], http.client.HTTPConnection]:
        connections: dict[tuple[str, str], http.client.HTTPConnection] | None = getattr(self._own, "connections", None)
        if connections is None:
            connections = self._own.connections = {}
        return connections

    def _connected(self, scheme: str, netloc: str, deadline_s: float) -> http.client.HTTPConnection:
        """An open connection that the other side has not closed. Raises NotSent."""
        connections = self._connections()
        connection = connections.get((scheme, netloc))
        if connection is None:
            connection = connections[scheme, netloc] = self._connection(scheme, netloc)
        if connection.sock is not None and self._is_stale(connection.sock):
            connection.close()
        left_s = deadline_s - now_s()
        if left_s <= 0:
            raise _not_sent("no time was left to call")
        try:
            if connection.sock is None:
                connection.timeout = min(CONNECT_SECONDS_MAX, left_s)
                connection.connect()
            connection.sock.settimeout(left_s)
        except (OSError, http.client.HTTPException) as problem:
            connection.close()
            raise _not_sent(f"not reached: {type(problem).__name__}") from problem
        return connection

    def _is_stale(self, line: socket.socket) -> bool:
        """A resting connection has nothing to say; one that has was closed, or is out of step."""
        if now_s() - getattr(self._own, "rested_at_s", 0) > IDLE_SECONDS_MAX:
            return True
        poll = select.poll()
        poll.register(line, select.POLLIN)
        return bool(poll.poll(0))

    def _connection(self, scheme: str, netloc: str) -> http.client.HTTPConnection:
        if scheme != "https":
            return http.client.HTTPConnection(netloc)
        proxy = self._proxies.get("https")
        if not proxy or proxy_bypass(netloc):
            return http.client.HTTPSConnection(netloc, context=self._tls)
        connection = http.client.HTTPSConnection(urlsplit(proxy).netloc, context=self._tls)
        connection.set_tunnel(netloc)
        return connection


def _silence(why: str) -> stripe.APIConnectionError:
    return stripe.APIConnectionError(why)  # type: ignore[no-untyped-call]


def _not_sent(why: str) -> NotSent:
    return NotSent(why)  # type: ignore[no-untyped-call]


def now_s() -> float:
    """Seconds since the machine was started: goes on while we are stopped or the machine sleeps, never jumps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
