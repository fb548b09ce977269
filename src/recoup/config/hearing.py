"""Letting a subscription hear what happened since it last listened, and not letting one bad event stop the others.

Usually a batch of events and the move of the subscriber's place are one transaction. When batches fail, or the program
died over one, each further run is counted before it begins; after five of them the events are heard one by one, and
the one that fails alone is parked: an event `subscription.parked` tells whoever looks after such things.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog
from django.db import InterfaceError, OperationalError
from django.utils.module_loading import import_string

from recoup.access import tenancy
from recoup.config.subscriptions import Subscription
from recoup.events import hearing
from recoup.events import transactional as events
from recoup.events.hearing import Place, SomebodyWasFaster
from recoup.events.queries import HeardEvent
from recoup.events.transactional import Happening

BATCH = 2000
TRIES_MAX = 5
STRIKES_ALONE = 2

log = structlog.get_logger(__name__)


class Handler(Protocol):
    def __call__(self, events: Sequence[HeardEvent], *, at: datetime) -> None: ...


class Listener:
    """One subscription in one program. Any number of programs may listen: one at a time gets the events."""

    def __init__(self, subscription: Subscription, *, handler: Handler | None = None, batch: int = BATCH) -> None:
        self._name = subscription.name
        self._kinds = subscription.kinds
        self._handle: Handler = handler or import_string(subscription.handler)
        self._batch = batch
        self._is_known = False
        #: False until a run of this process has ended well: then a sudden death cannot be this subscription's doing.
        self._is_trusted = False

    def __call__(self, *, at: datetime) -> int:
        """Up to a batch of events has been heard; how many."""
        if not self._is_trusted and self._tries() > TRIES_MAX:
            return self._one_alone(at=at)
        self._is_trusted = False
        try:
            count = self._together(at=at)
        except SomebodyWasFaster:
            count = 0
        self._is_trusted = True
        return count

    def _tries(self) -> int:
        with tenancy.every_merchant():
            if not self._is_known:
                hearing.introduce(self._name)
            tries = hearing.count_try(self._name)
        self._is_known = True
        return tries

    def _together(self, *, at: datetime) -> int:
        with tenancy.every_merchant():
            place = hearing.take_place(self._name)
            if place is None:
                return 0
            heard, is_all = hearing.next_events(place, kinds=self._kinds, limit=self._batch)
            if heard:
                self._handle(heard, at=at)
            hearing.move_on(place, heard, is_all=is_all)
            return len(heard)

    def _one_alone(self, *, at: datetime) -> int:
        """The next event is heard alone. One that keeps ending the run in which it is heard alone is parked."""
        with tenancy.every_merchant():
            place, event = self._next_one()
            if place is None:
                return 0
            if event is None:
                hearing.move_on(place, [], is_all=False)
                return 0
            if place.suspect_id == event.id and place.tries > TRIES_MAX + STRIKES_ALONE:
                self._park(place, event, problem="it ended the program that heard it", at=at)
                return 1
            hearing.suspect(place, event)
        return self._hear_suspect(at=at)

    def _hear_suspect(self, *, at: datetime) -> int:
        problem = None
        try:
            with tenancy.every_merchant():
                place, event = self._next_one()
                if place is None or event is None:
                    return 0
                self._handle([event], at=at)
                hearing.step_over(place, event, tries=TRIES_MAX)
        except (OperationalError, InterfaceError, SomebodyWasFaster):
            raise
        except Exception as raised:
            problem = type(raised).__name__
            log.exception("event_not_heard", subscription=self._name)
        if problem is not None:
            with tenancy.every_merchant():
                place, event = self._next_one()
                if place is not None and event is not None:
                    self._park(place, event, problem=problem, at=at)
        return 1

    def _next_one(self) -> tuple[Place | None, HeardEvent | None]:
        place = hearing.take_place(self._name)
        if place is None:
            return None, None
        found, _ = hearing.next_events(place, kinds=self._kinds, limit=1)
        return place, found[0] if found else None

    def _park(self, place: Place, event: HeardEvent, *, problem: str, at: datetime) -> None:
        hearing.step_over(place, event, tries=0)
        events.record(
            [
                Happening(
                    merchant_id=event.merchant_id,
                    at=at,
                    kind="subscription.parked",
                    subject_id=event.subject_id,
                    actor="clock",
                    data={"subscription": self._name, "event": event.id, "kind": event.kind, "problem": problem},
                )
            ]
        )
        log.error("event_parked", subscription=self._name, event_id=event.id, kind=event.kind, problem=problem)
