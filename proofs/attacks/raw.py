"""Bytes as an attacker sends them: no library between us and granian."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlsplit

END = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def opened(url: str, head: bytes = b"") -> socket.socket:
    """A connection that has said this and goes on holding."""
    parts = urlsplit(url)
    line = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
    line.sendall(head)
    return line


def said(url: str, data: bytes) -> list[tuple[int, bytes]]:
    """Status and whole answer of everything that is answered to these bytes and one last harmless request.

    Where more came than was read, closing the connection may take the answer along: then nothing was heard.
    """
    heard = b""
    with opened(url) as line:
        with contextlib.suppress(OSError):
            line.sendall(data + END)
        with contextlib.suppress(ConnectionError):
            while piece := line.recv(65536):
                heard += piece
    answers = []
    while heard.startswith(b"HTTP/"):
        head, _, rest = heard.partition(b"\r\n\r\n")
        lengths = [line[15:] for line in head.split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0]) if lengths else 0
        answers.append((int(head.split()[1]), head + b"\r\n\r\n" + rest[:length]))
        heard = rest[length:]
    return answers
