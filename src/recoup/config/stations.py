"""What the worker does, round after round: the one table of its stations.

A station is looked at every `sweep_s` seconds and whenever its channel rings; a lost ring costs a second, nothing more.
Stations of one lane take turns in one thread, so that waiting for a merchant or a mail server holds up nobody's money.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from django.utils.module_loading import import_string

from recoup.config import hearing
from recoup.config.subscriptions import SUBSCRIPTIONS
from recoup.kernel import signs

NOTE_SIGN = "recoup.operations.actions.note_sign"


class Work(Protocol):
    """What a station does once: gives how many rows it did."""

    def __call__(self, *, at: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """`full`: so many rows mean that there may be more, so it goes on after its rest. `rest_s`: at least so long
    between two rounds, so that what comes in meanwhile is done together; after `heap` rows in one round there is no
    rest. `patience_s`: a round that takes longer hangs.
    """

    name: str
    lane: str
    make: Callable[[], Work]
    channel: str | None = None
    full: int = 1
    sweep_s: float = 1.0
    rest_s: float = 0.0
    heap: int = 10_000
    patience_s: float = 15.0


def _named(path: str) -> Callable[[], Work]:
    return lambda: import_string(path)


def _listeners() -> tuple[Station, ...]:
    return tuple(
        Station(
            name=f"hears:{subscription.name}",
            lane="events",
            make=lambda subscription=subscription: hearing.Listener(subscription),  # type: ignore[misc]
            channel="recoup_events",
            rest_s=subscription.rest_s,
            heap=hearing.BATCH // 2,
        )
        for subscription in SUBSCRIPTIONS
    )


def _signs(stations: tuple[Station, ...]) -> tuple[Station, ...]:
    """Each lane says by itself that it lives: one that hangs falls silent on the operator's page."""
    return tuple(
        Station(
            name=f"sign:{lane}",
            lane=lane,
            make=lambda lane=lane: partial(import_string(NOTE_SIGN), program="worker", part=lane),  # type: ignore[misc]
            sweep_s=signs.EVERY_S,
            full=2,
        )
        for lane in dict.fromkeys(station.lane for station in stations)
    )


_WORK: tuple[Station, ...] = (
    # Money: what the rails said, and what they sent us.
    Station(
        name="answers",
        lane="money",
        make=_named("recoup.payments.actions.apply_answers"),
        channel="recoup_answers",
        rest_s=0.15,
        heap=100,
    ),
    Station(
        name="receipts",
        lane="money",
        make=_named("recoup.webhooks.actions.act_on_receipts"),
        channel="recoup_receipts",
        rest_s=0.05,
    ),
    Station(
        name="sightings",
        lane="money",
        make=_named("recoup.payments.actions.weigh_sightings"),
        channel="recoup_sightings",
        rest_s=0.05,
    ),
    *_listeners(),
    # Asks merchants' systems, up to 20 of them for up to 5 seconds each.
    Station(
        name="cases",
        lane="cases",
        make=_named("recoup.refunds.waking.wake"),
        channel="recoup_cases",
        patience_s=130.0,
    ),
    # Asks them too, for shoppers who wait at a page: in a lane of its own.
    Station(
        name="look-ups",
        lane="look-ups",
        make=_named("recoup.orders.looking.look"),
        channel="recoup_lookups",
        full=8,
        patience_s=130.0,
    ),
    # A file can be long: in a lane of its own.
    Station(
        name="imports",
        lane="imports",
        make=_named("recoup.orders.import_jobs.run_next"),
        channel="recoup_imports",
        patience_s=600.0,
    ),
    # Codes that somebody waits for: before the messages, in their lane.
    Station(
        name="letters",
        lane="messages",
        make=_named("recoup.notifications.letter_jobs.deliver"),
        channel="recoup_letters",
        full=50,
        rest_s=0.1,
        patience_s=60.0,
    ),
    Station(
        name="messages",
        lane="messages",
        make=_named("recoup.notifications.jobs.deliver"),
        channel="recoup_messages",
        full=50,
        rest_s=0.1,
        patience_s=60.0,
    ),
    # A gateway that takes its time holds up no mail.
    Station(
        name="texts",
        lane="texts",
        make=_named("recoup.notifications.text_jobs.deliver"),
        channel="recoup_texts",
        full=6,
        patience_s=90.0,
    ),
    # Companies' servers, 16 at once: in a lane of its own, so that a slow one holds up neither money nor mail.
    Station(
        name="callbacks",
        lane="callbacks",
        make=_named("recoup.callbacks.jobs.send"),
        channel="recoup_callbacks",
        rest_s=0.1,
        patience_s=60.0,
    ),
    # What shoppers are told of how each company keeps the promise.
    Station(
        name="promises",
        lane="chores",
        make=_named("recoup.insights.actions.measure_promises"),
        full=20,
        sweep_s=20.0,
        patience_s=60.0,
    ),
    Station(name="seals", lane="chores", make=_named("recoup.config.chores.seal"), sweep_s=10.0, full=5_000),
    Station(name="housekeeping", lane="chores", make=_named("recoup.config.chores.tidy"), sweep_s=60.0, full=5_000),
    # How long every queue is, for the operator.
    Station(
        name="gauges",
        lane="chores",
        make=_named("recoup.operations.actions.measure_queues"),
        sweep_s=5.0,
        full=1_000_000,
        patience_s=60.0,
    ),
)
STATIONS: tuple[Station, ...] = (*_WORK, *_signs(_WORK))
