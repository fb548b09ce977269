"""Connections that go where somebody looked, and nowhere else.

A name is looked up once, the address is judged (`kernel.networks`), and the connection goes to that address, while TLS
keeps the name. Whoever looks a name up a second time to connect can be told another address than the one that was
judged ("DNS rebinding"). No proxies and no credentials of this machine have a say.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from functools import cache

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection


def line_to(scheme: str, address: str, port: int, *, name: str, timeout_s: float) -> HTTPConnection:
    """A connection to that address and no other; what the certificate has to say is the name."""
    if scheme == "http":
        return HTTPConnection(address, port, timeout=timeout_s)
    return HTTPSConnection(
        address,
        port,
        timeout=timeout_s,
        server_hostname=name,
        assert_hostname=name,
        ssl_context=_trust(os.environ.get("SSL_CERT_FILE", "")),
    )


@contextlib.contextmanager
def not_longer_than(seconds: float, line: HTTPConnection) -> Iterator[None]:
    """After so long the line is cut: a server that sends a byte now and then does not keep us."""
    plug = line.sock
    plug.settimeout(seconds)

    def cut() -> None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(plug, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@cache
def _trust(own_authorities: str) -> ssl.SSLContext:
    """The public authorities, or those that the operator put into SSL_CERT_FILE."""
    return ssl.create_default_context(cafile=own_authorities or certifi.where())
