"""A-37: bodies built to be dear, and clients that are slow on purpose."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from proofs.attacks import raw
from proofs.attacks.ground import Ground
from proofs.attacks.seen import Seen
from proofs.rig import PROJECT

NAME = "A-37"
TITLE = "Dear bodies and slow clients cost us little, and others nothing they notice"

SECONDS_MAX = 5.0
HEAD = b"Host: 127.0.0.1\r\nContent-Type: application/json\r\n"
SLOW_BODY = b"POST /api/v1/refunds HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000\r\n\r\n{"
SLOW_FORM = b"POST /cases HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\na"
SLOW_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def run(ground: Ground, seen: Seen) -> None:
    """Each body and each kind of slowness; then a build that reads all, and one whose threads wait."""
    key = ground.one.key("refunds:write")
    for words, body, headers in _dear_bodies():
        began = time.monotonic()
        answer = ground.call("POST", "/api/v1/refunds", key=key, data=body, headers=_json(headers))
        seen.expect(400 <= answer.status_code < 500, f"{words}: {answer.status_code}")
        seen.expect(time.monotonic() - began < SECONDS_MAX, f"{words} took {time.monotonic() - began:.1f} s")
    _announced(ground, seen)
    _slow(ground, seen)
    with ground.broken("any_body") as url:
        answer = ground.call("POST", "/api/v1/refunds", url=url, key=key, data=_large(), headers=_json({}))
        seen.control(answer.status_code != 413, "a web that reads every body")
    with _without_gate(ground) as url, _crowd(url, SLOW_BODY, 64):
        seen.control(not _is_served(url), "a web whose threads wait for the rest of a request")


def _dear_bodies() -> Iterator[tuple[str, bytes, dict[str, str]]]:
    yield "2 MiB", _large(), {}
    yield "half a million brackets", b"[" * 500_000 + b"]" * 500_000, {}
    yield "brackets that never end", b'{"a":' * 150_000, {}
    yield "ten thousand names", b"{" + b",".join(b'"%d":1' % n for n in range(20_000)) + b"}", {}
    yield "one name ten thousand times", b"{" + b",".join(b'"reason":"x"' for _ in range(20_000)) + b"}", {}
    yield "a number of a million digits", b'{"order_number":' + b"9" * 1_000_000 + b"}", {}
    yield "a string of backslashes", b'{"order_number":"' + b"\\" * 1_000_000, {}
    yield "a packed body", b"\x1f\x8b" + b"\0" * 1000, {"Content-Encoding": "gzip"}
    yield "20 MB of brackets in 20 kB", gzip.compress(b"[" * 20_000_000), {"Content-Encoding": "gzip"}
    yield "many photos of nothing", b"--x\r\n\r\n" * 10_000, {"Content-Type": "multipart/form-data; boundary=x"}


def _announced(ground: Ground, seen: Seen) -> None:
    """100 MB of brackets are refused when they are announced, before they are sent."""
    head = b"POST /api/v1/refunds HTTP/1.1\r\n" + HEAD + b"Content-Length: 100000000\r\n\r\n" + b"[" * 1000
    began = time.monotonic()
    with raw.opened(ground.url, head) as line:
        heard = line.recv(4096)
    seen.expect(heard.startswith(b"HTTP/1.1 413 "), f"100 MB were answered with {heard[:40]!r}")
    seen.expect(time.monotonic() - began < SECONDS_MAX, f"100 MB took {time.monotonic() - began:.1f} s")


def _slow(ground: Ground, seen: Seen) -> None:
    crowd = 150 if ground.is_short else 500
    for words, head in {"bodies": SLOW_BODY, "forms": SLOW_FORM, "headers": SLOW_HEAD}.items():
        with _crowd(ground.url, head, crowd) as lines:
            waits = sorted(_wait(ground.url) for _ in range(40))
            seen.expect(waits[37] < 1.0, f"{crowd} slow {words}: others' p95 is {waits[37]:.2f} s")
            if not ground.is_short:
                seen.expect(all(_is_ended(line) for line in lines), f"slow {words} are kept for ever")


@contextmanager
def _crowd(url: str, head: bytes, count: int) -> Iterator[list[socket.socket]]:
    lines = [raw.opened(url, head) for _ in range(count)]
    try:
        yield lines
    finally:
        for line in lines:
            line.close()


def _wait(url: str) -> float:
    began = time.monotonic()
    answer = requests.get(f"{url}/healthz", timeout=30)
    return time.monotonic() - began if answer.status_code == 200 else 30.0


def _is_ended(line: socket.socket) -> bool:
    """Answered or closed by the other side, at the latest when its time is over."""
    line.settimeout(40)
    try:
        line.recv(4096)
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def _is_served(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=3).status_code == 200
    except requests.RequestException:
        return False


def _large() -> bytes:
    return b'{"order_number": "x"' + b" " * (2 << 20) + b"}"


def _json(headers: dict[str, str]) -> dict[str, str]:
    return {"Content-Type": "application/json", **headers}


@contextmanager
def _without_gate(ground: Ground) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        **ground.house.environment("web"),
        "RECOUP_PORT": str(port),
        "RECOUP_HOST": "127.0.0.1",
    }
    environment.pop("RECOUP_HEARTBEAT_DIR", None)
    environment["PYTHONPATH"] = f"{PROJECT}:{PROJECT / 'src'}"
    command = [sys.executable, "-m", "proofs.broken.web", "no_gate"]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL) as program:
        try:
            until = time.monotonic() + 60
            while not _is_served(url):
                if time.monotonic() > until:
                    raise TimeoutError("proofs/broken/no_gate.py does not serve")
                time.sleep(0.2)
            yield url
        finally:
            program.terminate()
