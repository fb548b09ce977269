"""Everything one running provider consists of, and the ticking that moves it when nobody asks."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

import orjson

from recoup_sandbox.provider import refunds
from recoup_sandbox.provider.accounts import Accounts
from recoup_sandbox.provider.courier import Courier
from recoup_sandbox.provider.faults import Faults
from recoup_sandbox.provider.idempotency import Keys
from recoup_sandbox.provider.refunds import Desk
from recoup_sandbox.provider.store import Store
from recoup_sandbox.provider.webhooks import Cause, Events

TICK_S = 0.1
PRUNE_EVERY_TICKS = 600
STEPS_PER_TICK_MAX = 200
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class World:
    """The provider's parts, wired."""

    store: Store
    accounts: Accounts
    events: Events
    desk: Desk
    keys: Keys
    faults: Faults
    courier: Courier


def open_world(directory: Path) -> World:
    """Open (or make) the provider that lives in `directory`."""
    store = Store(directory)
    accounts, events = Accounts(store), Events(store)
    desk = Desk(store, accounts, events)
    return World(store, accounts, events, desk, Keys(store), Faults(), Courier(store, events))


async def keep_moving(world: World) -> None:
    """Let what was scripted for later happen when the provider's clock says so. Runs until it is cancelled."""
    ticks = 0
    while True:
        try:
            await take_due_steps(world)
            world.courier.sweep()
            if ticks % PRUNE_EVERY_TICKS == 0:
                prune(world)
            world.store.commit()
        except Exception:
            log.exception("the tick broke; the next one goes on")
        ticks += 1
        await asyncio.sleep(TICK_S)


async def take_due_steps(world: World) -> int:
    """Move the refunds whose time has come. Returns how many steps were taken."""
    due = world.store.all(
        "SELECT seq, refund, step FROM steps_to_come WHERE at <= ? ORDER BY at, seq LIMIT ?",
        world.store.now(), STEPS_PER_TICK_MAX,
    )  # fmt: skip
    for row in due:
        with world.store.step():
            world.store.run("DELETE FROM steps_to_come WHERE seq = ?", row["seq"])
            try:
                _, deliveries = refunds.move(world.desk, row["refund"], orjson.loads(row["step"]), cause=Cause())
            except refunds.MoveNotPossible as error:
                log.info("a scripted step came to nothing: %s", error)
                continue
        await world.store.durable()
        world.courier.carry(deliveries)
    return len(due)


def prune(world: World) -> None:
    """Forget the idempotency keys that are past their life."""
    with world.store.step():
        for account in world.accounts.all():
            world.keys.prune(account)
