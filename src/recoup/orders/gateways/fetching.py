"""Asking an address that a merchant configured, without being led elsewhere.

Only http and https, only the configured host, no redirects, no proxies or credentials of this machine, at most 1 MB,
and a limit for the whole conversation. The name is looked up once; in production none of its addresses may be inside
somebody's own network, and the connection goes to one that was looked at.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

from django.conf import settings
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

from recoup.access import pinned
from recoup.kernel import networks

BYTES_MAX = 1_000_000
_CHUNK_BYTES = 65_536
SECONDS_MIN = 1e-3


class NoAnswer(Exception):
    """The system could not be asked, or did not answer in time or in size. The message is for staff."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    body: bytes
    tag: str


def fetch(url: str, *, host: str, headers: Mapping[str, str], timeout_s: int) -> Reply:
    """What the address answers. Raises NoAnswer."""
    target = _read_url(url, host)
    addresses = _look_up(host)
    deadline_s = time.monotonic() + timeout_s
    try:
        line = _connected(target, host, addresses, deadline_s)
        try:
            with pinned.not_longer_than(_left_s(deadline_s), line):
                return _converse(line, target, headers, deadline_s)
        finally:
            line.close()
    except (HTTPError, HTTPException, OSError, ValueError) as problem:
        raise NoAnswer(f"{type(problem).__name__}: no answer within {timeout_s} s or a broken one") from problem


def _read_url(url: str, host: str) -> Url:
    try:
        target = parse_url(url)
    except HTTPError as problem:
        raise NoAnswer("the address cannot be read") from problem
    named = (target.host or "").strip("[]")
    if target.scheme not in ("http", "https") or named != host.lower() or target.auth is not None:
        raise NoAnswer("the address is not one of the configured system")
    return target


def _look_up(host: str) -> list[str]:
    """Every address of the host, asked for once. Raises NoAnswer when one is inside a network, in production."""
    try:
        answered = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise NoAnswer(f"there is no host {host}") from problem
    found = [str(told[4][0]) for told in answered]
    if settings.MODE == "production" and any(networks.why_inside(address) for address in found):
        raise NoAnswer(f"the host {host} stands inside a network that is not public")
    return found


def _connected(target: Url, host: str, addresses: list[str], deadline_s: float) -> HTTPConnection:
    """A line to the first of the addresses that takes one."""
    scheme = target.scheme or ""
    port = target.port or {"http": 80, "https": 443}[scheme]
    for number, address in enumerate(addresses, start=1):
        line = pinned.line_to(scheme, address, port, name=host, timeout_s=_left_s(deadline_s))
        try:
            line.connect()
        except (HTTPError, OSError):
            line.close()
            if number == len(addresses):
                raise
        else:
            return line
    raise NoAnswer(f"there is no host {host}")


def _left_s(deadline_s: float) -> float:
    """Never nothing: that would be no limit at all."""
    return max(deadline_s - time.monotonic(), SECONDS_MIN)


def _converse(line: HTTPConnection, target: Url, headers: Mapping[str, str], deadline_s: float) -> Reply:
    told = {"Host": target.netloc or "", "Accept-Encoding": "gzip", "Connection": "close", **headers}
    line.request("GET", target.request_uri, headers=told, preload_content=False)
    response = line.getresponse()
    return Reply(response.status, _read(response, deadline_s), response.headers.get("ETag", ""))


def _read(response: BaseHTTPResponse, deadline_s: float) -> bytes:
    body = bytearray()
    for piece in response.stream(_CHUNK_BYTES, decode_content=True):
        body += piece
        if len(body) > BYTES_MAX:
            raise NoAnswer(f"the answer is larger than {BYTES_MAX} bytes")
        if time.monotonic() > deadline_s:
            break
    if time.monotonic() > deadline_s:  # also when the line was cut, which looks like an end
        raise NoAnswer("the answer came too slowly")
    return bytes(body)
