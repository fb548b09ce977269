"""A-04: a connection that served one company tells the next one nothing, whatever happened in between."""

from __future__ import annotations

import contextlib
import queue
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg

from proofs.attacks import cells
from proofs.attacks.ground import Ground, Tenant
from proofs.attacks.seen import Seen

NAME = "A-04"
TITLE = "A pooled connection tells the next company nothing"

THREADS, CONNECTIONS, ROUNDS, ROUNDS_SHORT = 64, 4, 40, 8
REQUESTS, REQUESTS_SHORT = 20, 4


class _Mishap(Exception):
    """Something went wrong in the middle."""


def run(ground: Ground, seen: Seen) -> None:
    """64 threads, two companies and mishaps by chance: over a pool of four connections, and through the web."""
    world = cells.world(ground)
    mine = {ground.one.id: world.own.case.id, ground.two.id: world.other.case.id}
    rounds = ROUNDS_SHORT if ground.is_short else ROUNDS
    leaks, looks = _through_a_pool(ground, rounds, is_local=True)
    seen.expect(not leaks, f"over a pool of {CONNECTIONS}: {leaks[:3]}")
    seen.expect(looks >= THREADS * rounds, f"only {looks} looks")
    _through_the_web(ground, seen, mine)
    leaks, _ = _through_a_pool(ground, rounds, is_local=False)
    seen.control(leaks, "a tenant that stays with the connection instead of ending with the transaction")


def _through_a_pool(ground: Ground, rounds: int, *, is_local: bool) -> tuple[list[str], int]:
    """What was seen that should not be, and how many looks there were. As the web's role, with its way of saying who.

    `is_local` false is the control: the setting outlives its transaction.
    """
    leaks: list[str] = []
    looks, guard = [0], threading.Lock()
    tenants = (ground.one.id, ground.two.id)

    def look(database: psycopg.Connection[Any], chance: random.Random) -> None:
        merchant = chance.choice(tenants)
        rows = database.execute("SELECT count(*) FROM refunds_case").fetchall()
        if rows[0][0]:
            leaks.append("rows are seen before a tenant was named")
        with database.transaction():
            database.execute("SELECT set_config('recoup.merchant_id', %s, %s)", [str(merchant), is_local])
            found = {row[0] for row in database.execute("SELECT DISTINCT merchant_id FROM refunds_case").fetchall()}
            if found - {merchant}:
                leaks.append("another company's rows")
            if chance.random() < 0.2:
                database.execute("SELECT 1 / 0")
            if chance.random() < 0.2:
                raise _Mishap

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(rounds):
            database = pool.get()
            try:
                with contextlib.suppress(_Mishap, psycopg.errors.DivisionByZero):
                    look(database, chance)
            finally:
                pool.put(database)
            with guard:
                looks[0] += 1

    pool: queue.Queue[psycopg.Connection[Any]] = queue.Queue()
    with contextlib.ExitStack() as open_ones:
        for _ in range(CONNECTIONS):
            pool.put(open_ones.enter_context(psycopg.connect(ground.house.database_url("web"), autocommit=True)))
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(work, range(THREADS)))
    return leaks, looks[0]


def _through_the_web(ground: Ground, seen: Seen, mine: dict[UUID, UUID]) -> None:
    """The same over HTTP: right and wrong requests of both companies at once, each looks for the other's case."""
    requests = REQUESTS_SHORT if ground.is_short else REQUESTS

    def work(seed: int) -> list[str]:
        chance, wrong = random.Random(seed), []
        for _ in range(requests):
            us: Tenant = chance.choice((ground.one, ground.two))
            them = ground.two if us is ground.one else ground.one
            if chance.random() < 0.3:
                ground.call("POST", "/api/v1/refunds", key=us.key(), json={"order_number": "none", "reason": "?"})
            foreign = ground.call("GET", f"/api/v1/refunds/{mine[them.id]}", key=us.key())
            own = ground.call("GET", f"/api/v1/refunds/{mine[us.id]}", key=us.key())
            if (foreign.status_code, own.status_code) != (404, 200):
                wrong.append(f"foreign {foreign.status_code}, own {own.status_code}")
        return wrong

    with ThreadPoolExecutor(THREADS) as threads:
        wrong = [words for found in threads.map(work, range(THREADS)) for words in found]
    seen.expect(not wrong, f"through the web: {wrong[:3]}")
