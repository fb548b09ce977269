"""Scripted misfortune: what shall happen to which requests, told through the control API.

A fault waits in the order it was given; the first that matches a request is used up by it. Faults live in memory: a
restarted provider has none.
"""

import asyncio
from dataclasses import dataclass, field, fields
from itertools import count
from typing import Any

from recoup_sandbox.http_messages import DropConnection
from recoup_sandbox.provider.errors import ProviderError, server_fault

ROUTES = (
    "refunds.create",
    "refunds.retrieve",
    "refunds.list",
    "refunds.update",
    "refunds.cancel",
    "charges.create",
    "charges.retrieve",
    "charges.list",
    "events.retrieve",
    "events.list",
    "balance.retrieve",
    "balance_transactions.list",
    "*",
)
STATUSES = ("pending", "requires_action", "succeeded", "failed", "canceled")
FAILURE_REASONS = (
    "lost_or_stolen_card",
    "expired_or_canceled_card",
    "charge_for_pending_refund_disputed",
    "insufficient_funds",
    "declined",
    "merchant_request",
    "unknown",
)


class FaultUnclear(ValueError):
    """The control API was told of a fault that this provider cannot play."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """Which requests, and what happens to them. Every matching field left out matches everything."""

    route: str = "refunds.create"
    account: str | None = None
    charge: str | None = None
    amount: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    #: Also for requests that only replay a saved answer.
    on_replay: bool = False
    skip: int = 0
    #: How many requests it is for; null: all until it is taken away.
    times: int | None = 1

    sleep_before_s: float = 0.0
    sleep_after_s: float = 0.0
    #: Answer this instead of executing: {"status", "code", "message", "type", "param", "decline_code"}.
    refuse: dict[str, Any] | None = None
    #: Whether the refusal stays with the idempotency key; by default for all but 409 and 429.
    is_saved: bool | None = None
    #: Execute, then answer this status with an api_error.
    answer_status: int | None = None
    #: "before" or "after" executing: the caller loses its connection.
    drop: str | None = None
    #: Execute, then send only so many bytes of the answer.
    cut_after_bytes: int | None = None
    #: What becomes of the refund: [{"status": "pending"}, {"after_s": 2, "status": "failed", "failure_reason": ...}]
    becomes: list[dict[str, Any]] | None = None

    id: int = 0
    used: int = 0

    def matches(self, route: str, account: str, facts: dict[str, Any], *, is_replay: bool) -> bool:
        """Whether this fault is meant for such a request."""
        if self.route not in ("*", route) or (is_replay and not self.on_replay):
            return False
        wanted = (("account", account), ("charge", facts.get("charge")), ("amount", facts.get("amount")))
        if any(getattr(self, name) not in (None, value) for name, value in wanted):
            return False
        given = facts.get("metadata") or {}
        return all(given.get(name) == value for name, value in self.metadata.items())

    async def before(self) -> None:
        """What happens ahead of executing. Raises ProviderError or DropConnection."""
        if self.sleep_before_s:
            await asyncio.sleep(self.sleep_before_s)
        if self.drop == "before":
            raise DropConnection
        if self.refuse is not None:
            raise self._refusal(dict(self.refuse))

    async def after(self) -> None:
        """What happens once it was executed and is on disk. Raises DropConnection."""
        if self.sleep_after_s:
            await asyncio.sleep(self.sleep_after_s)
        if self.drop == "after":
            raise DropConnection

    def _refusal(self, refuse: dict[str, Any]) -> ProviderError:
        status = int(refuse.pop("status", 500))
        is_saved = self.is_saved if self.is_saved is not None else status not in (409, 429)
        if status >= 500 and "message" not in refuse:
            return server_fault(is_saved=is_saved)
        defaults = {402: "card_error", 409: "invalid_request_error", 429: "invalid_request_error"}
        default_type = defaults.get(status, "api_error" if status >= 500 else "invalid_request_error")
        if status == 429:
            refuse.setdefault("code", "rate_limit")
        return ProviderError(
            refuse.pop("message", "Scripted refusal."),
            status=status,
            error_type=refuse.pop("type", default_type),
            is_saved=is_saved,
            **refuse,
        )


#: What a request meets when nothing is scripted.
NOTHING = Fault(times=None)


class Faults:
    """The faults that wait to happen."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._numbers = count(1)

    def all(self) -> list[Fault]:
        return list(self._waiting)

    def add(self, told: dict[str, Any]) -> Fault:
        """Script a fault. Raises FaultUnclear."""
        fault = fault_from_json(told)
        fault.id = next(self._numbers)
        self._waiting.append(fault)
        return fault

    def remove(self, fault_id: int | None = None) -> int:
        """Take away one fault, or all. Returns how many are gone."""
        before = len(self._waiting)
        self._waiting = [fault for fault in self._waiting if fault_id is not None and fault.id != fault_id]
        return before - len(self._waiting)

    def take(self, route: str, account: str, facts: dict[str, Any], *, is_replay: bool = False) -> Fault:
        """The fault for this request, now used once more; NOTHING when there is none."""
        for fault in self._waiting:
            if not fault.matches(route, account, facts, is_replay=is_replay):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.used += 1
            if fault.times is not None and fault.used >= fault.times:
                self._waiting.remove(fault)
            return fault
        return NOTHING


def fault_from_json(told: dict[str, Any]) -> Fault:
    """Raises FaultUnclear."""
    known = {one.name for one in fields(Fault)} - {"id", "used"}
    unknown = set(told) - known
    if unknown:
        raise FaultUnclear(f"unknown: {', '.join(sorted(unknown))}; a fault has {', '.join(sorted(known))}")
    fault = Fault(**told)
    if fault.route not in ROUTES:
        raise FaultUnclear(f"route is one of {', '.join(ROUTES)}")
    if fault.drop not in (None, "before", "after"):
        raise FaultUnclear("drop is before or after")
    if fault.becomes is not None:
        check_steps(fault.becomes)
    return fault


def check_steps(steps: list[dict[str, Any]]) -> None:
    """Raises FaultUnclear when these cannot be the steps of a refund's life."""
    if not steps:
        raise FaultUnclear("becomes needs at least one step")
    for step in steps:
        if set(step) - {"after_s", "status", "failure_reason", "pending_reason", "reference"}:
            raise FaultUnclear("a step has after_s, status, failure_reason, pending_reason, reference")
        if "status" in step and step["status"] not in STATUSES:
            raise FaultUnclear(f"status is one of {', '.join(STATUSES)}")
        if step.get("failure_reason") not in (None, *FAILURE_REASONS):
            raise FaultUnclear(f"failure_reason is one of {', '.join(FAILURE_REASONS)}")
