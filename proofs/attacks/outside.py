"""What an attacker has outside: a name server whose answers change, servers with certificates, and a canary that sings
when anything connects to it. And the sender, as a process of its own, sound or broken (`proofs.broken.sends`).
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dns.message
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from proofs.rig import PROJECT

#: Stands for a public server in the sender's process; every other address of this machine stays inside.
PUBLIC = "127.0.0.2"


class Names:
    """A name server on loopback. `answers[name]`: what is said to one question after another; the last is repeated."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: Counter[tuple[str, str]] = Counter()
        names = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                told, line = self.request
                line.sendto(names._answer(told), self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, told: bytes) -> bytes:
        question = dns.message.from_wire(told)
        asked = question.question[0]
        name, kind = asked.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
        answer = dns.message.make_response(question)
        count = self.asked[name, kind]
        self.asked[name, kind] += 1
        told_of = self.answers.get(name, [[]])
        found = told_of[min(count, len(told_of) - 1)]
        wanted = 4 if kind == "A" else 6
        fitting = [one for one in found if ipaddress.ip_address(one).version == wanted]
        if fitting:
            answer.answer.append(dns.rrset.from_text(asked.name, 0, "IN", kind, *fitting))
        return answer.to_wire()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Server:
    """An HTTPS server. `came` has what was asked of it, `messages` headers and bodies. `location` makes it redirect."""

    def __init__(self, address: str, port: int, *, certificate: Path) -> None:
        self.came: list[tuple[str, str]] = []
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self.location = ""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.messages.append((dict(self.headers.items()), body))
                server.came.append((self.headers.get("Host", ""), self.path))
                self.send_response(307 if server.location else 200)
                if server.location:
                    self.send_header("Location", server.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *told: object) -> None:
                """Nothing is said for each request."""

        self._server = ThreadingHTTPServer((address, port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Canary:
    """Listens inside. Nobody has any business there."""

    def __init__(self, port: int) -> None:
        self.sang = 0
        self._socket = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                self.sang += 1
                line.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Sender:
    """The product's sender. `say` gives it one message to carry and gives back what came of it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def say(self, url: str, **more: Any) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the sender has no pipes")
        stdin.write(json.dumps({"url": url, **more}) + "\n")
        stdin.flush()
        told = stdout.readline()
        if not told:
            raise RuntimeError("the sender ended")
        return dict(json.loads(told))


@contextlib.contextmanager
def sender(*breaks: str, settings: Mapping[str, str]) -> Iterator[Sender]:
    """A sender as a process of its own, sound unless breaks are named."""
    command = [sys.executable, "-m", "proofs.broken.sends", *breaks]
    environment = {**os.environ, **settings}
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Sender(process)
        finally:
            process.terminate()


def certificate_for(names: Sequence[str], folder: Path) -> Path:
    """A certificate for these names that is its own authority; with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path
