"""A-32: requests that can be read in two ways, names of other hosts, and private answers dressed as files."""

from __future__ import annotations

from collections.abc import Iterator

from proofs.attacks import raw
from proofs.attacks.ground import Ground
from proofs.attacks.seen import Seen

NAME = "A-32"
TITLE = "Nothing is smuggled past the door, no other host is believed, and nothing private can be kept by a cache"

HOST = b"Host: 127.0.0.1\r\n"
HIDDEN = b"GET /api/v1/smuggled HTTP/1.1\r\n" + HOST + b"\r\n"


def run(ground: Ground, seen: Seen) -> None:
    """Against granian itself, byte for byte; then a build that answers to every name."""
    for words, data in _ambiguous():
        answers = raw.said(ground.url, data)
        seen.expect(len(answers) <= 1, f"{words}: {len(answers)} answers to one request")
        seen.expect(all(400 <= status < 500 for status, _ in answers), f"{words}: {[one[0] for one in answers]}")
        seen.expect(all(b"connection: close" in told for _, told in answers), f"{words}: the connection stays open")
    _hosts(ground, seen)
    _caches(ground, seen)
    with ground.broken("any_host") as url:
        answer = ground.call("GET", "/healthz", url=url, headers={"Host": "evil.example"})
        page = ground.call("GET", "/style", url=url, headers={"Host": "evil.example"})
        seen.control(answer.status_code == 200 and page.status_code != 400, "a web that answers to every name")


def _ambiguous() -> Iterator[tuple[str, bytes]]:
    start = b"POST /api/v1/refunds HTTP/1.1\r\n" + HOST
    chunked, end = b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"
    yield "CL.TE", start + b"Content-Length: 6\r\n" + chunked + b"\r\n" + end + HIDDEN
    yield "TE.CL", start + chunked + b"Content-Length: 4\r\n\r\n" + b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + end
    yield "TE.TE", start + chunked + b"Transfer-Encoding: identity\r\n\r\n" + end + HIDDEN
    yield "an unknown coding", start + b"Transfer-Encoding: xchunked\r\n\r\n" + end + HIDDEN
    yield "a blank before the colon", start + b"Transfer-Encoding : chunked\r\n\r\n" + end + HIDDEN
    yield "a tab and chunked", start + b"Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n\r\n" + end + HIDDEN
    yield "chunks in HTTP/1.0", start.replace(b"1.1", b"1.0") + chunked + b"\r\n" + end + HIDDEN
    yield "two lengths", start + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + HIDDEN
    yield "a list of lengths", start + b"Content-Length: 0, 44\r\n\r\n" + HIDDEN
    yield "a signed length", start + b"Content-Length: +0\r\n\r\n" + HIDDEN
    yield "a hexadecimal length", start + b"Content-Length: 0x2c\r\n\r\n" + HIDDEN
    yield "a negative length", start + b"Content-Length: -1\r\n\r\n" + HIDDEN
    yield "a chunk that has no size", start + chunked + b"\r\nZZ\r\nab\r\n" + end + HIDDEN
    yield "a chunk larger than numbers are", start + chunked + b"\r\nFFFFFFFFFFFFFFFFF\r\nab\r\n" + end + HIDDEN
    yield "a folded header", start + b"X-A: 1\r\n Transfer-Encoding: chunked\r\n\r\n" + HIDDEN
    yield "a header with a null byte", start + b"X-A: a\0b\r\n\r\n" + HIDDEN
    yield "two hosts", b"GET /healthz HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n" + HIDDEN
    yield "no host", b"GET / HTTP/1.1\r\n\r\n" + HIDDEN
    yield "another host in the address", b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN
    yield "two keys", start + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n" + HIDDEN


def _hosts(ground: Ground, seen: Seen) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "127.0.0.1, evil.example", ""):
        for path in ("/", "/account/login/", "/api/v1/refunds", "/cases"):
            answer = ground.call("GET", path, headers={"Host": host})
            seen.expect(answer.status_code == 400, f"Host {host!r} at {path}: {answer.status_code}")
    claimed = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Original-URL": "/review"}
    for path in ("/", "/account/login/", "/api/v1/openapi.json"):
        answer = ground.call("GET", path, headers=claimed)
        seen.expect(answer.status_code == 200 and "evil.example" not in answer.text, f"a claimed host at {path}")
        seen.expect("evil.example" not in str(answer.headers), f"a claimed host in the headers of {path}")


def _caches(ground: Ground, seen: Seen) -> None:
    """An address that ends like a file is not a file, and no private answer may be kept by anybody."""
    key, case = ground.one.key("refunds:read"), ground.one.case()
    private = f"/api/v1/refunds/{case.id}"
    for path in (f"{private}/x.css", f"{private};x.css", f"{private}%2fx.css", f"{private}%00.css", f"{private}.css"):
        answer = ground.call("GET", path, key=key)
        seen.expect(answer.status_code in (400, 404, 422), f"{path}: {answer.status_code}")
        seen.expect(case.number not in answer.text, f"{path} shows the case")
        seen.expect("no-store" in answer.headers.get("Cache-Control", ""), f"{path} may be kept")
    for path in (
        "/static/..%2fapi%2fv1%2frefunds",
        "/static/%2e%2e/review",
        "/review/x.css",
        "/cases/x.js",
        "/account/x.css",
    ):
        answer = ground.call("GET", path, key=key)
        seen.expect(answer.status_code in (302, 400, 404), f"{path}: {answer.status_code}")
        seen.expect("no-store" in answer.headers.get("Cache-Control", ""), f"{path} may be kept")
    for path in (private, "/api/v1/refunds", "/", "/cases", "/account/login/"):
        answer = ground.call("GET", path, key=key if path.startswith("/api/") else None)
        seen.expect("no-store" in answer.headers.get("Cache-Control", ""), f"{path} may be kept")
