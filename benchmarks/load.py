"""The merchants' side of a measure: refund requests over kept connections, with a client that costs little itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

from recoup.config.replaying.feeding import PATH
from recoup.config.replaying.http_client import BROKEN, Connection

AGAIN = frozenset({409, 429, 503})


@dataclass(slots=True)
class Load:
    """A steady stream of requests. It pauses while more than `backlog_max` accepted ones are not finished yet."""

    web_url: str
    api_key: str
    bodies: Iterator[bytes]
    finished: Callable[[], int]
    connections: int = 12
    backlog_max: int = 400
    accepted: int = 0
    refused: list[str] = field(default_factory=list)
    is_over: bool = False
    backlog: int = 0
    done: int = 0

    async def run(self, *, until: asyncio.Event) -> None:
        """Asks until the event is set or the bodies run out, then waits for the answers under way."""
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(self._watch())
            askers = [group.create_task(self._ask(number, until)) for number in range(self.connections)]
            await asyncio.wait(askers)
            watcher.cancel()

    async def _watch(self) -> None:
        while True:
            self.done = await asyncio.to_thread(self.finished)
            self.backlog = self.accepted - self.done
            await asyncio.sleep(0.5)

    async def _ask(self, number: int, until: asyncio.Event) -> None:
        address = urlsplit(self.web_url)
        headers = {"Authorization": f"Bearer {self.api_key}"}
        async with Connection(host=address.hostname or "", port=address.port or 80, headers=headers) as connection:
            while not until.is_set():
                if self.backlog > self.backlog_max:
                    await asyncio.sleep(0.01)
                    continue
                body = next(self.bodies, None)
                if body is None:
                    self.is_over = True
                    return
                answer = await connection.post(PATH, body, key=f"bench-{number}-{time.monotonic_ns()}")
                if answer.status == 201:
                    self.accepted += 1
                    self.backlog += 1
                else:
                    self.refused.append(f"{answer.status} {answer.body[:300]!r}")


def whole_orders(first: int, last: int, *, prefix: str = "B") -> Iterator[bytes]:
    """Requests for everything of each order: two lines, the goods being back."""
    for number in range(first, last + 1):
        yield request(f"{prefix}{number}")


def request(order_number: str, *, reason: str = "changed_mind", goods_received: bool = True) -> bytes:
    """One request for a whole order."""
    return orjson.dumps({"order_number": order_number, "reason": reason, "goods_received": goods_received})


async def all_at_once(
    web_url: str, api_key: str, bodies: list[bytes], *, seconds_max: float
) -> list[tuple[float, str]]:
    """Every request on a connection of its own, at the same moment. Gives (unix time asked, case id) of each."""
    address = urlsplit(web_url)
    headers = {"Authorization": f"Bearer {api_key}"}

    async def ask(number: int, body: bytes) -> tuple[float, str]:
        connection = Connection(
            host=address.hostname or "", port=address.port or 80, headers=headers, seconds_max=seconds_max
        )
        asked_at, pause_s = time.time(), 0.2
        async with connection:
            while time.time() - asked_at < seconds_max:
                try:
                    answer = await connection.post(PATH, body, key=f"storm-{number}")
                except BROKEN:
                    pass
                else:
                    if answer.status == 201:
                        return asked_at, orjson.loads(answer.body)["id"]
                    if answer.status not in AGAIN:
                        raise RuntimeError(f"{answer.status} {answer.body[:500]!r}")
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 5.0)
        raise TimeoutError(f"no answer within {seconds_max:.0f} s")

    return await asyncio.gather(*(ask(number, body) for number, body in enumerate(bodies)))
