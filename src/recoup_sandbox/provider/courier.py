"""Carries events to webhook endpoints: signed, at least once, again after a failure, in no promised order."""

import asyncio
import hashlib
import hmac
import logging
import time
from typing import Any

from recoup_sandbox.http_client import NotDelivered, Poster
from recoup_sandbox.provider.store import Store
from recoup_sandbox.provider.webhooks import Delivery, Events

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 10.0
AT_ONCE_MAX = 8
SWEEP_MAX = 200
#: Pauses before the tries after the first, on the provider's clock; then the event is given up (about three days).
PAUSES_S = (2, 5, 15, 60, 300, 1800, 7200, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)


def signature(secret: str, body: bytes, *, at: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 over time and raw body (https://docs.stripe.com/webhooks/signature)."""
    code = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={code}"


class Courier:
    """Delivers what the `deliveries` table promises."""

    def __init__(self, store: Store, events: Events) -> None:
        self._store = store
        self._events = events
        self._poster = Poster()
        self._places: dict[str, asyncio.Semaphore] = {}
        self._tasks: set[asyncio.Task[int | None]] = set()

    def carry(self, deliveries: list[Delivery]) -> None:
        """Deliver soon; returns at once."""
        for delivery in deliveries:
            self._events.in_hand.add(delivery.seq)
            task = asyncio.get_running_loop().create_task(self.deliver(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def carry_with_response(self, deliveries: list[Delivery]) -> None:
        """Deliver what has to arrive before the API answers, one after the other; the rest soon."""
        for delivery in deliveries:
            if delivery.is_before_response:
                await self.deliver(delivery)
        self.carry([delivery for delivery in deliveries if not delivery.is_before_response])

    def sweep(self) -> None:
        """Pick up what is due and in nobody's hands: delayed, to be tried again, or left by a stopped provider."""
        rows = self._store.all(
            "SELECT seq, event, endpoint, copies, tries FROM deliveries "
            "WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at LIMIT ?",
            self._store.now(), SWEEP_MAX + len(self._events.in_hand),
        )  # fmt: skip
        due = [Delivery(**dict(row)) for row in rows if row["seq"] not in self._events.in_hand]
        self.carry(due[:SWEEP_MAX])

    async def deliver(self, delivery: Delivery) -> int | None:
        """One try (of as many copies as wished). Returns the answer's status, None when nobody answered."""
        place = self._places.setdefault(delivery.endpoint, asyncio.Semaphore(AT_ONCE_MAX))
        try:
            async with place:
                statuses = await asyncio.gather(*(self._post(delivery) for _ in range(delivery.copies)))
            self._write_down(delivery, statuses[0])
            return statuses[0]
        finally:
            self._events.in_hand.discard(delivery.seq)

    async def release(self, *, account: str | None, order: list[str]) -> list[dict[str, Any]]:
        """Deliver held events one after the other: by type or event id in the given order, then the rest by age."""
        rows = self._store.all(
            "SELECT d.seq, d.event, d.endpoint, d.copies, d.tries, e.type FROM deliveries d "
            "JOIN events e ON e.id = d.event WHERE d.state = 'held' AND (? IS NULL OR e.account = ?) ORDER BY d.seq",
            account, account,
        )  # fmt: skip
        rank = {name: place for place, name in enumerate(order)}
        last = len(order)
        rows.sort(key=lambda row: min(rank.get(row["event"], last), rank.get(row["type"], last)))
        told = []
        for row in rows:
            delivery = Delivery(row["seq"], row["event"], row["endpoint"], row["copies"], row["tries"])
            told.append({"event": row["event"], "type": row["type"], "status": await self.deliver(delivery)})
        return told

    async def redeliver(self, event: str, *, times: int) -> list[int | None]:
        """Send an event again, `times` times at once to each endpoint that was promised it."""
        rows = self._store.all("SELECT DISTINCT endpoint FROM deliveries WHERE event = ?", event)
        posts = [self._post(Delivery(0, event, row["endpoint"], 1)) for row in rows for _ in range(times)]
        return list(await asyncio.gather(*posts))

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._poster.close()

    async def _post(self, delivery: Delivery) -> int | None:
        address = self._events.by_endpoint.get(delivery.endpoint)
        row = self._store.one("SELECT body FROM events WHERE id = ?", delivery.event)
        if address is None or row is None:
            return None
        url, secret = address
        body = bytes(row["body"])
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (practice)",
            "Stripe-Signature": signature(secret, body, at=int(time.time())),
        }
        try:
            return await self._poster.post(url, body, headers, timeout_s=ANSWER_WITHIN_S)
        except NotDelivered as error:
            log.info("webhook %s not delivered: %s", delivery.event, error)
            return None

    def _write_down(self, delivery: Delivery, status: int | None) -> None:
        """The outcome. Not waited for: should it be lost, the event is delivered once more, as promised."""
        tries = delivery.tries + 1
        if status is not None and 200 <= status < 300:
            state, next_at = "delivered", 0.0
        elif tries > len(PAUSES_S):
            state, next_at = "given_up", 0.0
        else:
            state, next_at = "waiting", self._store.now() + PAUSES_S[tries - 1]
        with self._store.step():
            self._store.run(
                "UPDATE deliveries SET state = ?, tries = ?, next_at = ?, last_status = ? WHERE seq = ?",
                state, tries, next_at, status, delivery.seq,
            )  # fmt: skip
