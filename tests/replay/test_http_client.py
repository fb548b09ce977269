"""The small HTTP client: kept connections, chunks, and what happens when the server hangs up."""

from __future__ import annotations

import asyncio

import pytest

from recoup.config.replaying.http_client import BROKEN, Connection


def conversation(*answers: bytes, asks: int):
    """Asks so often of a server that gives these answers, one connection per answer list ended by an empty one."""

    async def talk() -> tuple[list[object], list[bytes]]:
        heard: list[bytes] = []
        left = list(answers)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while left:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.startswith(b"Content-Length"))
                heard.append(head + await reader.readexactly(length))
                said = left.pop(0)
                writer.write(said)
                if not said or b"close" in said:
                    break
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        got: list[object] = []
        async with server, Connection(host="127.0.0.1", port=port, headers={"Authorization": "Bearer x"}) as line:
            for _ in range(asks):
                try:
                    got.append(await line.post("/a", b"{}", key="k"))
                except BROKEN as problem:
                    got.append(problem)
        return got, heard

    return asyncio.run(talk())


def test_one_connection_is_kept_for_many_requests_each_with_its_key():
    one = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok"

    got, heard = conversation(one, one, asks=2)

    assert [(answer.status, answer.body) for answer in got] == [(201, b"ok"), (201, b"ok")]
    assert all(b"Idempotency-Key: k\r\n" in each and each.endswith(b"{}") for each in heard)


def test_an_answer_in_chunks_is_put_together():
    got, _ = conversation(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", asks=1
    )

    assert got[0].body == b"abcde"


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"])
def test_a_connection_that_ended_is_opened_again(first):
    got, _ = conversation(first, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", asks=2)

    assert got[1].status == 200
    assert isinstance(got[0], BROKEN) if not first else got[0].status == 200
