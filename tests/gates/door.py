"""The real granian with the real gate in a process of its own, before an application that tells what it was given.

python -m tests.gates.door PORT GRACE_S HEADER_S THREADS
"""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time

END = b"GET /end HTTP/1.1\r\nHost: recoup\r\nConnection: close\r\n\r\n"


class Door:
    """Where granian listens."""

    def __init__(self, port):
        self.port = port

    def say(self, *parts, pause_s=0.0):
        """The answers to these bytes, until granian closes the connection: `(status, what it told, lines)` of each."""
        heard = b""
        with self.open(b"") as line:
            with contextlib.suppress(OSError):
                for part in parts:
                    line.sendall(part)
                    time.sleep(pause_s)
                line.sendall(END)
            with contextlib.suppress(ConnectionError):
                while piece := line.recv(65536):
                    heard += piece
        return [found for found in answers(heard) if found[1].get("path") != "/end"]

    def open(self, head):
        """A connection that has said this and goes on holding."""
        line = socket.create_connection(("127.0.0.1", self.port))
        line.settimeout(30)
        line.sendall(head)
        return line

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def answers(heard):
    """Status, told and lines of each answer."""
    found = []
    while heard:
        head, _, rest = heard.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        found.append((int(lines[0].split()[1]), json.loads(rest[:length]) if length else {}, lines))
        heard = rest[length:]
    return found


@contextlib.contextmanager
def open_door(*, grace_s=15.0, header_s=15.0, threads=2):
    """A granian of one's own, gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(word) for word in (port, grace_s, header_s, threads)]
    with subprocess.Popen([sys.executable, "-m", "tests.gates.door", *words], stderr=subprocess.DEVNULL) as granian:
        try:
            _wait_until_open(port, granian)
            yield Door(port)
        finally:
            granian.terminate()


def _wait_until_open(port, granian):
    until = time.monotonic() + 60
    while time.monotonic() < until and granian.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise TimeoutError("granian does not listen")


def tell(environ, start_response):
    """What arrived, or what it is refused for. Some paths do what an application might do."""
    refused = environ.get("recoup.refused")
    path = environ["PATH_INFO"]
    if path == "/broken":
        raise ValueError("broken")
    told = {
        "refused": getattr(refused, "code", ""),
        "path": path,
        "body": len(environ["wsgi.input"].read()),
        "length": environ.get("CONTENT_LENGTH"),
        "headers": {name: value for name, value in environ.items() if name.startswith("HTTP_")},
        "from": environ["REMOTE_ADDR"],
    }
    start_response(f"{getattr(refused, 'status', 200)} x", [("Content-Type", "application/json")])
    return [b"a" * 20_000_000] if path == "/much" else [json.dumps(told).encode()]


def made(grace_s, threads):
    """The gate before that application."""
    from django.conf import settings

    from recoup.config.programs import web_gate

    settings.configure(TRUSTED_PROXIES="")
    web_gate.GRACE_S = grace_s
    return web_gate.Gate(tell, threads=threads)


def application_of_this_process():
    return made(float(os.environ["DOOR_GRACE_S"]), int(os.environ["DOOR_THREADS"]))


if __name__ == "__main__":
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings

    port, grace_s, header_s, threads = sys.argv[1:]
    os.environ.update(DOOR_GRACE_S=grace_s, DOOR_THREADS=threads)
    Granian(
        target="tests.gates.door:application_of_this_process",
        factory=True,
        port=int(port),
        interface=Interfaces.RSGI,
        loop=Loops.asyncio,
        websockets=False,
        workers=1,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=int(float(header_s) * 1000), max_buffer_size=64 * 1024),
    ).serve()
