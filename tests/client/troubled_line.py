"""A line whose connections break as scripted: each new connection does what stands next in `troubles`."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

ANSWER_S_MAX = 30.0


class TroubledLine:
    """Listens on loopback and speaks HTTP/1.1 to the far side, one request per connection.

    `ok`: the answer is passed on. `lost`: the far side has answered, and the connection ends before a byte of it is
    passed on. `half`: it ends in the middle of the answer. `deaf`: it ends before the far side hears anything.
    """

    def __init__(self, far_url):
        far = urlsplit(far_url)
        self._far = (far.hostname, far.port)
        self.troubles = []
        self.heard = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.close()

    def _serve(self):
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(near,), daemon=True).start()

    def _one(self, near):
        with near, contextlib.suppress(OSError):
            near.settimeout(ANSWER_S_MAX)
            question = _message(near)
            if not question:
                return
            self.heard.append(question)
            trouble = self.troubles.pop(0) if self.troubles else "ok"
            if trouble == "deaf":
                return
            with socket.create_connection(self._far, timeout=ANSWER_S_MAX) as far:
                far.sendall(_closing(question))
                answer = b""
                while piece := far.recv(65536):
                    answer += piece
            if trouble == "ok":
                near.sendall(answer)
            elif trouble == "half":
                near.sendall(answer[: len(answer) - 40])


def _message(line):
    """One whole request."""
    told = b""
    while b"\r\n\r\n" not in told:
        piece = line.recv(65536)
        if not piece:
            return b""
        told += piece
    head, _, body = told.partition(b"\r\n\r\n")
    lengths = [row.split(b":")[1] for row in head.split(b"\r\n") if row.lower().startswith(b"content-length")]
    length = int(lengths[0]) if lengths else 0
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def _closing(question):
    """The same request, after whose answer the far side hangs up."""
    head, _, body = question.partition(b"\r\n\r\n")
    return head + b"\r\nConnection: close\r\n\r\n" + body
