"""A server that gives scripted answers, for what a real Recoup does only when it is ill."""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    method: str
    path: str
    headers: dict
    body: bytes


class Answering:
    """Each request gets the next of `answers`: a status, or (status, headers), or (status, headers, body)."""

    def __init__(self, *answers):
        self.answers, self.heard = list(answers), []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                outer.heard.append(Asked(self.command, self.path, dict(self.headers), self.rfile.read(length)))
                status, headers, body = _whole(outer.answers.pop(0), outer)
                raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = _answer  # noqa: N815 - the library's names

            def log_message(self, *_):
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def _whole(answer, server):
    if callable(answer):
        answer = answer(server)
    status, headers, body = (answer, {}, None) if isinstance(answer, int) else (*answer, None)[:3]
    if body is None:
        body = {} if status < 400 else {"status": status, "code": "scripted", "title": "As scripted"}
    return status, headers, body
