"""Feeding: the requests of one order never overtake each other, and what failed is asked again with the same key."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime

import orjson

from recoup.config.replaying import feeding
from recoup.config.replaying.cancellations import Cancellation


def cancellation(number: int, order: str) -> Cancellation:
    return Cancellation(
        key=f"k{number}",
        order_number=order,
        sku="MUG",
        quantity=1,
        unit_price_minor=None,
        at=datetime(2011, 7, 1, tzinfo=UTC),
        status="full_line",
    )


def fed_to(answer, cancellations):
    """What came of feeding these to a server that lets `answer(key, order, times heard)` speak."""
    heard: list[tuple[str, str]] = []
    times: Counter[str] = Counter()
    at_once: Counter[str] = Counter()
    together: list[int] = []

    async def serve(reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                order = orjson.loads(await reader.readexactly(int(fields["Content-Length"])))["order_number"]
                key = fields["Idempotency-Key"]
                times[key] += 1
                heard.append((order, key))
                at_once[order] += 1
                together.append(at_once[order])
                await asyncio.sleep(0.01)
                at_once[order] -= 1
                status, body = answer(key, order, times[key])
                said = orjson.dumps(body)
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(said)}\r\n\r\n".encode() + said)
        except asyncio.IncompleteReadError:
            writer.close()

    async def talk():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await feeding.feed(cancellations, web_url=f"http://127.0.0.1:{port}", api_key="x", connections=4)

    return asyncio.run(talk()), heard, together


def test_one_orders_requests_go_one_after_the_other_in_their_order():
    asked = [cancellation(number, order=str(number % 3)) for number in range(30)]

    fed, heard, together = fed_to(lambda *_: (201, {"id": "0199a000-0000-7000-8000-000000000001"}), asked)

    assert len(fed) == 30
    assert max(together) == 1
    for order in "012":
        numbers = [int(key[1:]) for name, key in heard if name == order]
        assert numbers == sorted(numbers)


def test_a_busy_server_is_asked_again_with_the_same_key_and_a_final_no_is_kept():
    def answer(key, order, times):
        if key == "k1":
            return 422, {"code": "no_such_line"}
        return (503, {"code": "try_again"}) if times == 1 else (201, {"id": "0199a000-0000-7000-8000-000000000001"})

    fed, heard, _ = fed_to(answer, [cancellation(0, "a"), cancellation(1, "b")])

    by_key = {one.cancellation.key: one for one in fed}
    assert by_key["k0"].status == 201
    assert [key for _, key in heard].count("k0") == 2
    assert by_key["k1"].case_id is None
    assert "no_such_line" in by_key["k1"].problem
