"""A request comes to a thread when all of it is there; whoever is slow, or says two things at once, holds nobody up."""

import socket

import pytest

from tests.gates.door import answers, open_door

HOST = b"Host: recoup\r\n"


@pytest.fixture(scope="module")
def door():
    with open_door() as opened:
        yield opened


@pytest.fixture(scope="module")
def hasty_door():
    """Half a second is enough for everything."""
    with open_door(grace_s=0.5, header_s=0.5) as opened:
        yield opened


def post(path=b"/api/v1/refunds", *lines, body=b""):
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def test_a_request_arrives_as_it_was_sent(door):
    ((status, told, _),) = (
        door.say(
            b"POST /a%20b/%C3%BC?x=%20 HTTP/1.1\r\n" + HOST
            + b"X-Two: 1\r\nX-Two: 2\r\nCookie: a=1\r\nCookie: b=2\r\nX_Fake: 3\r\nContent-Length: 3\r\n\r\nabc"
        )
    )  # fmt: skip

    assert status == 200
    assert told["path"] == "/a b/ü".encode().decode("latin-1")
    assert (told["body"], told["length"], told["from"]) == (3, "3", "127.0.0.1")
    assert told["headers"]["HTTP_X_TWO"] == "1,2"
    assert told["headers"]["HTTP_COOKIE"] == "a=1; b=2"
    assert "HTTP_X_FAKE" not in told["headers"], "another spelling of a name that a proxy has checked"


def test_a_body_whose_length_nobody_knows_is_not_read(door):
    ((status, told, _),) = door.say(post(b"/api/v1/refunds", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"))

    assert (status, told["refused"]) == (411, "length_required")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (post(b"/", b"Content-Length: 3", b"Content-Length: 5", body=b"abcde"), 400),
        (post(b"/", b"Content-Length: 3, 3", body=b"abc"), 400),
        (post(b"/", b"Content-Length: 3", b"Content-Length: 3", body=b"abc"), None),
        (post(b"/", b"Content-Length: +3", body=b"abc"), 400),
        (post(b"/", b"Content-Length: -3", body=b"abc"), 400),
        (post(b"/", b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 400),
        (post(b"/", b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"), 400),
        (post(b"/", b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", body=b"0\r\n\r\n"), 400),
        (post(b"/", b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"), 400),
        (post(b"/", b"Transfer-Encoding: chunked", body=b"ZZ\r\nab\r\n0\r\n\r\n"), 411),
        (post(b"/", b"Transfer-Encoding: chunked", body=b"FFFFFFFFFFFFFFFF0\r\nab\r\n0\r\n\r\n"), 411),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET http://elsewhere/ HTTP/1.1\r\nHost: recoup\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-A: 1\r\n" * 150 + b"\r\n", 431),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read_and_nothing_follows_it(door, request_bytes, status):
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: recoup\r\n\r\n"
    heard = door.say(request_bytes, smuggled)

    if status is None:  # the same length twice is that length
        assert [found[0] for found in heard] == [200, 200]
        return
    # Closing a connection on which more has come than was read may take the answer along.
    assert [found[0] for found in heard] in ([status], [])
    assert all(b"connection: close" in found[2] for found in heard)


@pytest.mark.parametrize("lengths", [(b"Content-Length: 6",), ()])
def test_chunks_end_the_connection_with_or_without_a_length(door, lengths):
    hidden = b"GET /smuggled HTTP/1.1\r\nHost: recoup\r\n\r\n"
    heard = door.say(post(b"/", *lengths, b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + hidden))

    assert [found[0] for found in heard] in ([411], [])


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(door):
    for size in (100, 100_000):
        with door.open(post(b"/broken-off", b"Content-Length: %d" % size, body=b"{}")) as line:
            line.shutdown(socket.SHUT_WR)
            assert b"HTTP/1.1 200" not in b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize(
    ("path", "line", "code"),
    [
        (b"/api/v1/refunds", b"Content-Length: 1048577", "body_too_large"),
        (b"/webhooks/stripe/x", b"Content-Length: 262145", "body_too_large"),
        (b"/static/cases.js", b"Content-Length: 1", "body_too_large"),
        (b"/ask/shop", b"Content-Length: 99999999999", "body_too_large"),
    ],
)
def test_what_is_announced_as_too_large_is_refused_before_any_of_it_comes(door, path, line, code):
    with door.open(post(path, line)) as announced:
        heard = b"".join(iter(lambda: announced.recv(65536), b""))

    ((status, told, lines),) = answers(heard)
    assert (status, told["refused"], told["body"]) == (413, code, 0)
    assert b"connection: close" in lines


@pytest.mark.parametrize("line", [b"Content-Length: 100", b"Content-Length: 100000"])
def test_a_body_that_does_not_come_is_refused_and_the_connection_is_closed(hasty_door, line):
    with hasty_door.open(post(b"/api/v1/refunds", line)) as slow:
        heard = b"".join(iter(lambda: slow.recv(65536), b""))

    ((status, told, _),) = answers(heard)
    assert (status, told["refused"]) == (408, "too_slow")


def test_a_body_that_keeps_coming_has_the_time_it_needs(hasty_door):
    ((status, told, _),) = hasty_door.say(
        post(b"/ask/shop", b"Content-Length: 3000000"), *[b"a" * 300_000] * 10, pause_s=0.1
    )

    assert (status, told["body"]) == (200, 3_000_000)


def test_headers_that_do_not_come_end_the_connection(hasty_door):
    with hasty_door.open(b"GET / HTTP/1.1\r\n") as slow:
        assert slow.recv(100) == b""


def test_others_are_served_while_hundreds_are_slow(door):
    slow = [door.open(post(b"/api/v1/refunds", b"Content-Length: 100", body=b"{")) for _ in range(300)]
    try:
        assert {door.get(f"/{turn}")[0] for turn in range(20)} == {200}
    finally:
        for line in slow:
            line.close()


def test_somebody_who_reads_slowly_holds_no_thread(door):
    slow = [door.open(b"GET /much HTTP/1.1\r\n" + HOST + b"\r\n") for _ in range(8)]
    try:
        assert door.get("/little")[0] == 200
    finally:
        for line in slow:
            line.close()


def test_one_address_cannot_fill_the_memory_for_all(monkeypatch):
    from recoup.config.programs import web_gate

    monkeypatch.setattr(web_gate, "HELD_BYTES_MAX", 300)
    monkeypatch.setattr(web_gate, "HELD_OF_ONE_MAX", 200)
    gate = web_gate.Gate(lambda *_: [], threads=1)
    gate.hold("one", 200)
    with pytest.raises(web_gate.Busy):
        gate.hold("one", 1)
    gate.hold("two", 100)
    with pytest.raises(web_gate.Busy):
        gate.hold("two", 1)
    gate.let_go("one", 200)
    gate.hold("two", 100)
    gate.hold("one", 100)


def test_a_request_that_breaks_leaves_its_thread_serving(door):
    assert [door.get("/broken")[0] for _ in range(5)] == [500] * 5
    assert door.get("/")[0] == 200
