"""The vault's work loop: write what was answered, claim what is due, hand it to the callers, wait to be woken."""

from __future__ import annotations

import queue
import select
import signal
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from types import FrameType
from uuid import UUID

import psycopg

from recoup.kernel import signs
from recoup.kernel.crashpoints import crashpoint
from recoup.kernel.heartbeat import beat
from recoup_vault import words
from recoup_vault.boxes import Boxes
from recoup_vault.desk import Desk
from recoup_vault.doubts import Doubts
from recoup_vault.lines import CALL_SECONDS_MAX, Lines, now_s
from recoup_vault.log import say
from recoup_vault.stripe_rail import StripeRail
from recoup_vault.words import Claim, Said

CALLERS = 16
#: New claims wait until so many callers are free, or nothing is under way: one transaction then serves many payouts.
CLAIM_TOGETHER = 8
SWEEP_SECONDS = 1.0
RECONNECT_SECONDS_MAX = 30.0
#: A claim that nobody answered so often is no longer tried: the product parks it and tells a person.
TRIES_MAX = 5
#: At least so long between two exchanges with the database, so that what comes meanwhile shares the next one.
REST_SECONDS = 0.08
#: What is left of a lease when the last call on it has to be over.
MARGIN_SECONDS = 1.0
#: Looks at a call whose lease has ended, one each sweep, before it counts as one that will never come back.
LOOKS_AT_A_HANGING_CALL = 3
_USUAL = frozenset({words.PENDING, words.SUCCEEDED})


class DatabaseLost(Exception):
    """The database did not come back within the time we wait for it; the supervisor starts us again."""


class CallHangs(Exception):
    """A call has outlived its lease and does not come back. The vault ends, so that it does not hold up the others;
    the payout has used up a try, and is parked in the end.
    """


class Vault:
    """One vault. Several may run: each payout is claimed by one of them."""

    def __init__(self, *, desk: Desk, boxes: Boxes, lines: Lines) -> None:
        self._desk = desk
        self._boxes = boxes
        self._lines = lines
        self._doubts = Doubts()
        self._orders: queue.SimpleQueue[tuple[Claim, StripeRail] | None] = queue.SimpleQueue()
        self._done: deque[tuple[Claim, Said | None]] = deque()
        self._unwritten: list[tuple[Claim, Said]] = []
        self._in_flight = 0
        self._lease_ends_s: dict[tuple[UUID, int], float] = {}
        self._looks_at_hanging = 0
        self._is_alone = False
        self._was_alone = False
        self._switched_off: list[UUID] = []
        self._quiet_next = False
        self._is_stopping = False
        self._swept_at_s = 0.0
        self._said_at_s = -signs.EVERY_S
        self._rested_at_s = 0.0
        self._is_woken = False
        self._bell, self._bell_push = socket.socketpair()
        self._bell.setblocking(False)
        self._bell_push.setblocking(False)

    def run(self) -> None:
        """Work until `stop`; what is under way then is still written down. Raises DatabaseLost, CallHangs."""
        callers = [threading.Thread(target=self._call, name=f"caller-{n}", daemon=True) for n in range(CALLERS)]
        for caller in callers:
            caller.start()
        self._reconnect()
        say("ready")
        while not (self._is_stopping and self._in_flight == 0 and not self._unwritten and not self._done):
            beat("vault")
            try:
                self._round()
                self._wait()
            except psycopg.OperationalError as problem:
                say("database_gone", level="warning", why=type(problem).__name__)
                self._reconnect()
        for _ in callers:
            self._orders.put(None)
        for caller in callers:
            caller.join()
        self._desk.close()
        self._bell.close()
        self._bell_push.close()
        say("stopped")

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Nothing new is claimed from now on."""
        self._is_stopping = True
        self._wake()

    def _round(self) -> None:
        """One exchange with the database, if there is a reason for one."""
        self._take_in()
        if now_s() - self._swept_at_s >= SWEEP_SECONDS:
            self._swept_at_s = now_s()
            self._lines.cut_overdue()
            self._look_at_calls()
            self._desk.has_rung = True
            self._quiet_next = self._desk.has_suspects()
            self._look_at_switches()
            if self._swept_at_s - self._said_at_s >= signs.EVERY_S:
                self._said_at_s = self._swept_at_s
                self._desk.note_sign()
        limit = self._room()
        if (not limit and not self._unwritten) or (now_s() < self._rested_at_s and not self._is_stopping):
            return
        self._rested_at_s = now_s() + REST_SECONDS
        alone = self._quiet_next and self._in_flight == 0
        if limit:
            self._desk.has_rung = False
        claims = self._desk.exchange(
            self._unwritten, limit=limit, alone=alone, paused=[*self._switched_off, *self._doubts.paused(at_s=now_s())]
        )
        if self._unwritten:
            crashpoint("vault_after_record")
        self._unwritten = []
        if claims:
            crashpoint("vault_after_claim")
        self._after_claim(claims, alone=alone, is_more=bool(limit) and len(claims) == limit)

    def _look_at_switches(self) -> None:
        """Nothing is paid from accounts that somebody has switched off; the log says when that changed."""
        switched_off = sorted(self._desk.switched_off())
        if switched_off != self._switched_off:
            say("switches_changed", switched_off=len(switched_off))
        self._switched_off = switched_off

    def _room(self) -> int:
        """How many payouts may be claimed now. A suspect is claimed when nobody else can come to harm."""
        if self._is_stopping or not self._desk.has_rung or self._is_alone:
            return 0
        if self._quiet_next:
            return 1 if self._in_flight == 0 else 0
        free = CALLERS - self._in_flight
        return free if free >= CLAIM_TOGETHER else 0

    def _after_claim(self, claims: list[Claim], *, alone: bool, is_more: bool) -> None:
        if is_more or alone:
            self._desk.has_rung = True
        if alone or self._was_alone:
            self._quiet_next = self._was_alone and self._desk.has_suspects()
            self._was_alone = alone
        for claim in claims:
            if claim.crashes >= TRIES_MAX:
                self._unwritten.append((claim, Said(outcome=words.UNKNOWN, failure_code=words.NO_ANSWER)))
                continue
            rail = self._desk.rail_of(self._boxes, claim)
            self._in_flight += 1
            self._doubts.called(claim.rail_account_id)
            if rail is None:
                outcome = words.THROTTLED if claim.is_new else words.UNKNOWN
                self._done.append((claim, Said(outcome=outcome, failure_code=words.NO_CREDENTIALS)))
                self._wake()
            else:
                self._lease_ends_s[claim.payout_id, claim.fence] = claim.lease_ends_s
                self._orders.put((claim, rail))
        self._is_alone = alone and self._in_flight > 0

    def _take_in(self) -> None:
        """What the callers brought back is ready to be written."""
        while self._done:
            claim, said = self._done.popleft()
            self._in_flight -= 1
            self._lease_ends_s.pop((claim.payout_id, claim.fence), None)
            if self._in_flight == 0:
                self._is_alone = False
            self._doubts.answered(claim.rail_account_id, said or Said(outcome=words.UNKNOWN), at_s=now_s())
            if said is None:
                continue
            if said.failure_code == words.NO_CREDENTIALS:
                self._boxes.forget(claim.rail_account_id)
            if said.outcome not in _USUAL:
                say("answered", payout=claim.payout_id, outcome=said.outcome, code=said.failure_code, fence=claim.fence)
            self._unwritten.append((claim, said))

    def _look_at_calls(self) -> None:
        """Every call under way comes back in time. Raises CallHangs."""
        hang = any(ends_s < now_s() for ends_s in self._lease_ends_s.values())
        self._looks_at_hanging = self._looks_at_hanging + 1 if hang else 0
        if self._looks_at_hanging >= LOOKS_AT_A_HANGING_CALL:
            raise CallHangs

    def _wait(self) -> None:
        """Until the doorbell rings, a caller is back, or the next sweep is due; never less than the rest."""
        at_s = now_s()
        left_s = max(0.0, SWEEP_SECONDS - (at_s - self._swept_at_s))
        if self._done or self._unwritten or self._room():
            if at_s < self._rested_at_s and not self._is_stopping:
                time.sleep(min(left_s, self._rested_at_s - at_s))
            return
        line, bell = self._desk.connection.fileno(), self._bell.fileno()
        ready, _, _ = select.select([bell, line], [], [], left_s)
        if bell in ready:
            with suppress(BlockingIOError):
                self._bell.recv(4096)
            self._is_woken = False  # after the bell was silenced: what is done before now is taken in next
        if line in ready:
            self._desk.listen()

    def _wake(self) -> None:
        if self._is_woken:
            return
        self._is_woken = True
        with suppress(BlockingIOError):  # it has rung often enough
            self._bell_push.send(b"1")

    def _reconnect(self) -> None:
        """The desk is connected afterwards. Raises DatabaseLost."""
        until_s = now_s() + RECONNECT_SECONDS_MAX
        pause_s = 0.1
        while True:
            beat("vault")
            try:
                self._desk.connect()
                return
            except psycopg.OperationalError as problem:
                self._desk.close()
                if now_s() > until_s or self._is_stopping:
                    raise DatabaseLost from problem
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 1.0)

    def _call(self) -> None:
        """A caller: one order after another. What it cannot know it leaves to the lease."""
        while (order := self._orders.get()) is not None:
            claim, rail = order
            said: Said | None = None
            try:
                said = self._ask(claim, rail)
            except Exception as problem:  # noqa: BLE001 - the payout is looked up once its lease has ended
                say("call_broke", level="error", payout=claim.payout_id, why=type(problem).__name__)
            self._done.append((claim, said))
            self._wake()
        self._lines.close()

    def _ask(self, claim: Claim, rail: StripeRail) -> Said | None:
        """What the rail says; None when too little of the lease is left: somebody else has the payout by then."""
        crashpoint("vault_before_call")
        deadline_s = claim.lease_ends_s - MARGIN_SECONDS
        if deadline_s - now_s() < CALL_SECONDS_MAX:
            say("lease_too_short", level="warning", payout=claim.payout_id, fence=claim.fence)
            return None
        with self._lines.until(deadline_s):
            said = rail.refund(claim) if claim.is_new else rail.look_up(claim)
        crashpoint("vault_after_call_before_record")
        return said


def serve(vault: Vault) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, vault.stop)
    try:
        vault.run()
    except DatabaseLost:
        say("database_lost", level="error")
        return 1
    except CallHangs:
        say("call_hangs", level="error")
        return 1
    return 0
