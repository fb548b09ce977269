"""Asking an address that a merchant configured, without being led elsewhere.

Only http and https, only the configured host, no redirects, no proxies or credentials of this machine, at most 1 MB,
and a limit for the whole conversation. In production the host must not be an address inside somebody's own network.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from django.conf import settings

BYTES_MAX = 1_000_000
_CHUNK_BYTES = 65_536


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
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname != host or parts.username or parts.password:
        raise NoAnswer("the address is not one of the configured system")
    if settings.MODE == "production":
        _refuse_inside_addresses(host)
    deadline_s = time.monotonic() + timeout_s
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.get(
                url, headers=dict(headers), timeout=timeout_s, allow_redirects=False, stream=True
            ) as response:
                body = _read(response, deadline_s)
                return Reply(response.status_code, body, response.headers.get("ETag", ""))
        except requests.RequestException as problem:
            raise NoAnswer(f"{type(problem).__name__}: no answer within {timeout_s} s or a broken one") from problem


def _read(response: requests.Response, deadline_s: float) -> bytes:
    body = bytearray()
    for piece in response.iter_content(_CHUNK_BYTES):
        body += piece
        if len(body) > BYTES_MAX:
            raise NoAnswer(f"the answer is larger than {BYTES_MAX} bytes")
        if time.monotonic() > deadline_s:
            raise NoAnswer("the answer came too slowly")
    return bytes(body)


def _refuse_inside_addresses(host: str) -> None:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise NoAnswer(f"there is no host {host}") from problem
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise NoAnswer(f"the host {host} stands inside a network that is not public")
