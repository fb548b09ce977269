"""A merchant's webhook address: keeps what arrives, answers what it is told."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe


class Receiver:
    """Listens on a port of its own until closed."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signatures: list[str] = []
        self.arrived_at: list[float] = []
        self.answers: list[int] = []
        self.before_answering: Callable[[], None] = lambda: None
        self.secret = ""
        kept = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.arrived_at.append(time.monotonic())
                kept.signatures.append(self.headers["Stripe-Signature"])
                kept.bodies.append(body)
                kept.before_answering()
                self.send_response(kept.answers.pop(0) if kept.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in list(self.bodies)]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def verified(self, number: int = 0) -> stripe.Event:
        """The official client's own check of signature and time."""
        return stripe.Webhook.construct_event(self.bodies[number], self.signatures[number], self.secret)

    def wait_for(self, count: int, within_s: float = 5.0) -> list[str]:
        """Until so many arrived; their types."""
        until = time.monotonic() + within_s
        while len(self.bodies) < count:
            assert time.monotonic() < until, f"{len(self.bodies)} of {count} arrived: {self.types}"
            time.sleep(0.01)
        return self.types

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
