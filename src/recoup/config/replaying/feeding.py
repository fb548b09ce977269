"""Asking for many refunds over a few connections, in order: the requests of one order never overtake each other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from recoup.config.replaying.cancellations import Cancellation
from recoup.config.replaying.http_client import BROKEN, Connection

PATH = "/api/v1/refunds"
CONNECTIONS = 8
#: Asked again with the same key: the first try may still be running (409), or the server had no time or was away.
AGAIN = frozenset({409, 429, 500, 502, 503, 504})
SECONDS_PATIENT = 120.0


class NoAnswer(Exception):
    """The running Recoup gave no answer for so long that the replay ends; it may be started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """A cancellation and the answer to its request. `case_id` is None when the request was refused at the door."""

    cancellation: Cancellation
    status: int
    case_id: UUID | None
    problem: str = ""


async def feed(
    cancellations: Sequence[Cancellation],
    *,
    web_url: str,
    api_key: str,
    connections: int = CONNECTIONS,
    heard: Callable[[Fed], None] = lambda _: None,
) -> list[Fed]:
    """Every cancellation was asked for and answered. Raises NoAnswer."""
    address = urlsplit(web_url)
    waiting = deque(cancellations)
    before: dict[str, asyncio.Future[None]] = {}
    fed: list[Fed] = []

    async def work() -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        async with Connection(host=address.hostname or "", port=address.port or 80, headers=headers) as connection:
            while waiting:
                cancellation = waiting.popleft()
                # Whoever took the earlier request of this order is already asking, so this wait ends.
                earlier = before.get(cancellation.order_number)
                done = before[cancellation.order_number] = asyncio.get_running_loop().create_future()
                if earlier is not None:
                    await earlier
                try:
                    answer = await _ask(connection, cancellation)
                finally:
                    done.set_result(None)
                fed.append(answer)
                heard(answer)

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(work())
    return fed


async def _ask(connection: Connection, cancellation: Cancellation) -> Fed:
    loop = asyncio.get_running_loop()
    end_s = loop.time() + SECONDS_PATIENT
    pause_s, said = 0.05, ""
    body = cancellation.body()
    while loop.time() < end_s:
        try:
            answer = await connection.post(PATH, body, key=cancellation.key)
        except BROKEN as problem:
            said = repr(problem)
        else:
            if answer.status in (200, 201):
                case_id = UUID(orjson.loads(answer.body)["id"])
                return Fed(cancellation=cancellation, status=answer.status, case_id=case_id)
            said = f"{answer.status} {answer.body[:500].decode(errors='replace')}"
            if answer.status not in AGAIN or _is_final(answer.body):
                return Fed(cancellation=cancellation, status=answer.status, case_id=None, problem=said)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, 2.0)
    raise NoAnswer(f"no answer to {cancellation.key} for {SECONDS_PATIENT:.0f} s; the last was: {said}")


def _is_final(body: bytes) -> bool:
    """A conflict that will not go away: the same key with another body, or units that somebody else was promised."""
    try:
        code = orjson.loads(body).get("code", "")
    except (orjson.JSONDecodeError, AttributeError):
        return False
    return code in ("idempotency_key_reused", "already_refunded")
